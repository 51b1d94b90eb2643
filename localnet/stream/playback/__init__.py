"""The playback host: lifecycle, views, manifest, WHIP and WHEP, all open to any origin."""
