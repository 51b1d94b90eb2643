"""FFmpeg's own WHIP as a program: PyAV's wheel has FFmpeg 8.1, Debian's ffmpeg is too old.

    python -m tests.interop.whip_encoder URL KBPS KEYFRAME_S FPS PROFILE CERTIFICATE KEY

Sends moving grey pictures and silence at their own pace until it is stopped, or the server ends it:
this FFmpeg answers no question about its consent (RFC 7675), so the stand-in ends it after 3 s.
Certificate and key (PEM, P-256) are given: aiortc's OpenSSL refuses the one that it makes itself.
"""

from __future__ import annotations

import sys
import time

import av

WIDTH, HEIGHT = 1280, 720
RATE = 48_000
OPUS_FRAME = RATE // 50


def main(
    url: str, kbps: int, keyframe_s: int, fps: int, profile: str, certificate: str, key: str
) -> int:
    identity = {"cert_file": certificate, "key_file": key}
    target = av.open(url, "w", format="whip", options=identity)
    video = target.add_stream("libx264", rate=fps)
    video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
    video.bit_rate = kbps * 1000
    video.options = {
        "preset": "ultrafast",
        "tune": "zerolatency",
        "profile": profile,
        "bf": "0",
        "g": str(fps * keyframe_s),
        "maxrate": f"{kbps}k",
        "bufsize": f"{kbps}k",
    }
    audio = target.add_stream("libopus", rate=RATE, layout="stereo")
    began, sound, n = time.monotonic(), 0, 0
    while True:
        picture = av.VideoFrame(WIDTH, HEIGHT, "yuv420p")
        for plane in picture.planes:
            plane.update(bytes([n % 250]) * plane.buffer_size)
        picture.pts = n
        target.mux(video.encode(picture))
        n += 1
        while sound < n * RATE / fps:
            silence = av.AudioFrame("s16", "stereo", OPUS_FRAME)
            for channel in silence.planes:
                channel.update(bytes(channel.buffer_size))
            silence.sample_rate, silence.pts = RATE, sound
            target.mux(audio.encode(silence))
            sound += OPUS_FRAME
        time.sleep(max(0.0, began + n / fps - time.monotonic()))


if __name__ == "__main__":
    address, *numbers = sys.argv[1:5]
    sys.exit(main(address, *map(int, numbers), *sys.argv[5:8]))  # type: ignore[arg-type]
