"""The media plane: WebRTC sessions that pass encoded frames through."""
