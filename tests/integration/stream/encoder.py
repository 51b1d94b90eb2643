"""An RTMP encoder as a program of its own: PyAV holds the interpreter while it connects.

    python -m tests.integration.stream.encoder URL SECONDS

Sends coloured pictures and silence as fast as they encode, one key frame a second; then, with
`hold`, waits for its standard input to close before it says goodbye. Exit code 3: refused.
"""

from __future__ import annotations

import sys

import av

FPS, RATE = 30, 44_100


def main(url: str, seconds: float, hold: bool) -> int:
    try:
        target = av.open(url, "w", format="flv")
        video = target.add_stream("libx264", rate=FPS)
        video.width, video.height, video.pix_fmt = 160, 120, "yuv420p"
        video.options = {"preset": "ultrafast", "tune": "zerolatency", "g": str(FPS)}
        audio = target.add_stream("aac", rate=RATE)
        sound = 0
        for n in range(int(seconds * FPS)):
            picture = av.VideoFrame(160, 120, "yuv420p")
            for plane in picture.planes:
                plane.update(bytes([n % 250]) * plane.buffer_size)
            target.mux(video.encode(picture))
            while sound < (n + 1) * RATE / FPS:
                silence = av.AudioFrame("fltp", "stereo", 1024)
                for channel in silence.planes:
                    channel.update(bytes(channel.buffer_size))
                silence.sample_rate, silence.pts = RATE, sound
                target.mux(audio.encode(silence))
                sound += 1024
        target.mux(video.encode(None))
        if hold:
            sys.stdin.read()
        target.close()
    except av.FFmpegError:
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], float(sys.argv[2]), "hold" in sys.argv))
