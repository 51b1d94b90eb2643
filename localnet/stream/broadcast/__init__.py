"""BROADCAST inputs: RTMP in, HLS out, nothing transcoded."""
