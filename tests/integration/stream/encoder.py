"""An RTMP encoder as a program of its own: PyAV holds the interpreter while it connects.

    python -m tests.integration.stream.encoder URL SECONDS [hold] [KEY=VALUE ...]

Sends coloured pictures and silence as fast as they encode, one key frame a second (`gop` of so many
seconds, `video` and `audio` of so named an encoder of FFmpeg's); then, with `hold`, waits for its
standard input to close before it says goodbye. Exit code 3: refused.
"""

from __future__ import annotations

import sys

import av

FPS, RATE = 30, 44_100


def main(url: str, seconds: float, hold: bool, **given: str) -> int:
    try:
        target = av.open(url, "w", format="flv")
        video = target.add_stream(given.get("video", "libx264"), rate=FPS)
        assert isinstance(video, av.VideoStream)
        video.width, video.height, video.pix_fmt = 160, 120, "yuv420p"
        every = str(FPS * int(given.get("gop", "1")))
        video.options = {"g": every}
        if video.name == "libx264":
            video.options |= {"preset": "ultrafast", "tune": "zerolatency", "sc_threshold": "0"}
        audio = target.add_stream(given.get("audio", "aac"), rate=RATE)
        assert isinstance(audio, av.AudioStream)
        sound, size = 0, 1152 if audio.name == "libmp3lame" else 1024
        for n in range(int(seconds * FPS)):
            picture = av.VideoFrame(160, 120, "yuv420p")
            for plane in picture.planes:
                plane.update(bytes([n % 250]) * plane.buffer_size)
            target.mux(video.encode(picture))
            while sound < (n + 1) * RATE / FPS:
                silence = av.AudioFrame("fltp", "stereo", size)
                for channel in silence.planes:
                    channel.update(bytes(channel.buffer_size))
                silence.sample_rate, silence.pts = RATE, sound
                target.mux(audio.encode(silence))
                sound += size
        target.mux(video.encode(None))
        if hold:
            sys.stdin.read()
        target.close()
    except av.FFmpegError:
        return 3
    return 0


if __name__ == "__main__":
    options = dict(word.split("=") for word in sys.argv[3:] if "=" in word)
    sys.exit(main(sys.argv[1], float(sys.argv[2]), "hold" in sys.argv, **options))
