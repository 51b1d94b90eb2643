"""OBS, from Debian, without a screen or a click: its settings are files, its display is Xvfb's.

Promises: OBS streams as it starts, in its advanced mode, with what it is given; the picture is one
colour, so that a viewer's pixels prove whose picture they show.
Assumes: obs-studio and xvfb are installed (tools/setup_interop.sh). Debian 12 has OBS 29: RTMP and
SRT, no WHIP.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from localnet.process import Program, Programs

COLOUR = (32, 160, 64)
SIZE = (640, 360)
NAME = "Interop"
SCREEN = ":1{:03d}"


@dataclass(frozen=True)
class Settings:
    """What the page shows to copy."""

    server: str
    key: str
    kbps: int
    keyframe_s: int
    fps: int = 30


def start(programs: Programs, home: Path, settings: Settings) -> Program:
    """OBS on a display of its own, on its way to `settings.server`."""
    _write(home / "obs-studio", settings)
    display = SCREEN.format(os.getpid() % 1000)
    screen = ["-screen", "0", "1024x768x24", "-nolisten", "tcp", "+extension", "GLX"]
    programs.start("xvfb", ["Xvfb", display, *screen])
    environment = {
        "DISPLAY": display,
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home),
        "XDG_RUNTIME_DIR": str(home),
        "LIBGL_ALWAYS_SOFTWARE": "1",
        "QT_QPA_PLATFORM": "xcb",
        "https_proxy": "http://127.0.0.1:9",  # it would ask its home for a newer list of services
    }
    options = ["--startstreaming", "--minimize-to-tray", "--disable-shutdown-check", "--multi"]
    names = ["--profile", NAME, "--collection", NAME]
    return programs.start("obs", ["obs", *options, *names, "--verbose"], environment)


def _write(folder: Path, settings: Settings) -> None:
    profile = folder / "basic" / "profiles" / NAME
    scenes = folder / "basic" / "scenes"
    for made in (profile, scenes):
        made.mkdir(parents=True)
    (folder / "global.ini").write_text(
        "[General]\nFirstRun=true\nEnableAutoUpdates=false\nPre19Defaults=false\n"
        "Pre21Defaults=false\nPre23Defaults=false\nPre24.1Defaults=false\n"
        "[BasicWindow]\nSysTrayEnabled=true\nWarnBeforeStartingStream=false\n"
        f"[Basic]\nProfile={NAME}\nProfileDir={NAME}\n"
        f"SceneCollection={NAME}\nSceneCollectionFile={NAME}\n"
        "[OBSWebSocket]\nFirstLoad=false\nServerEnabled=false\n"
    )
    width, height = SIZE
    (profile / "basic.ini").write_text(
        f"[General]\nName={NAME}\n[Output]\nMode=Advanced\nReconnect=false\n"
        "[AdvOut]\nEncoder=obs_x264\nApplyServiceSettings=false\nTrackIndex=1\n"
        f"[Video]\nBaseCX={width}\nBaseCY={height}\nOutputCX={width}\nOutputCY={height}\n"
        f"FPSType=1\nFPSInt={settings.fps}\n[Audio]\nSampleRate=48000\n"
    )
    encoder = {
        "rate_control": "CBR",
        "bitrate": settings.kbps,
        "keyint_sec": settings.keyframe_s,
        "preset": "ultrafast",
    }
    (profile / "streamEncoder.json").write_text(json.dumps(encoder))
    target = {"server": settings.server, "key": settings.key, "use_auth": False}
    service = {"type": "rtmp_custom", "settings": target}
    (profile / "service.json").write_text(json.dumps(service))
    (scenes / f"{NAME}.json").write_text(json.dumps(_scenes()))


def _scenes() -> dict[str, object]:
    red, green, blue = COLOUR
    colour = 0xFF000000 | blue << 16 | green << 8 | red
    source = {
        "id": "color_source",
        "versioned_id": "color_source_v3",
        "name": "Colour",
        "settings": {"color": colour, "width": SIZE[0], "height": SIZE[1]},
    }
    item = {"name": "Colour", "id": 1, "visible": True, "scale": {"x": 1.0, "y": 1.0}}
    scene = {"id": "scene", "name": "Scene", "settings": {"items": [item], "id_counter": 1}}
    return {
        "name": NAME,
        "current_scene": "Scene",
        "current_program_scene": "Scene",
        "scene_order": [{"name": "Scene"}],
        "sources": [source, scene],
    }
