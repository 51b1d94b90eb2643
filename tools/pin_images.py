"""`make pin-images`: names each outside image by tag and digest, as the registry has it now.

Promises: compose.yaml and Dockerfile keep every word but the digests (`name:tag@sha256:...`).
Either every image gets its digest or no file is changed; an image that is pinned already gets its
tag's present digest. Run it again after a tag was raised, look at the difference, and commit it.
Assumes: a network, and Docker with buildx, or skopeo; no engine is asked.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FILES = ("compose.yaml", "Dockerfile")
PATIENCE_SECONDS = 60
# The first that is there is asked. Both answer with the digest of the list of all platforms.
TOOLS = (
    ("docker", "buildx", "imagetools", "inspect", "--format", "{{.Manifest.Digest}}", "{image}"),
    ("skopeo", "inspect", "--no-tags", "--format", "{{.Digest}}", "docker://{image}"),
)
MISSING = "No image is pinned: install docker-buildx or skopeo (apt-get install skopeo)."
# `image: name:tag` of compose, `FROM name:tag` and `ARG X_IMAGE=name:tag` of a Dockerfile
_IMAGE = re.compile(
    r"^(?P<before>\s+image: (?:&\w+ )?|FROM |ARG \w+_IMAGE=)"
    r"(?P<image>[a-z0-9][\w./-]*:[\w.-]+)(?:@sha256:[0-9a-f]{64})?(?P<after>[ \t].*)?$",
    re.MULTILINE,
)
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
OURS = "livestream-rooms:"


class CannotPinError(Exception):
    """Why, and what to do, in a sentence."""


def images(text: str) -> set[str]:
    """The outside images that a file names, without digests."""
    named = {found["image"] for found in _IMAGE.finditer(text)}
    return {image for image in named if not image.startswith(OURS)}


def pinned(text: str, digests: dict[str, str]) -> str:
    """The file with these digests, by image."""

    def replace(found: re.Match[str]) -> str:
        digest = digests.get(found["image"])
        if digest is None:
            return found[0]
        return f"{found['before']}{found['image']}@{digest}{found['after'] or ''}"

    return _IMAGE.sub(replace, text)


def ask_registry(image: str) -> str:
    """The digest of an image's tag. Raises `CannotPinError`."""
    command = next((tool for tool in TOOLS if _usable(tool)), None)
    if command is None:
        raise CannotPinError(MISSING)
    try:
        done = subprocess.run(
            [word.replace("{image}", image) for word in command],
            capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise CannotPinError(f"{image}: no answer in {PATIENCE_SECONDS} s") from None
    digest = done.stdout.strip()
    if done.returncode or not _DIGEST.fullmatch(digest):
        why = (done.stderr.strip() or digest or f"exit code {done.returncode}").splitlines()[-1]
        raise CannotPinError(f"{image}: {command[0]} gives no digest: {why}")
    return digest


def _usable(tool: tuple[str, ...]) -> bool:
    """Whether it is installed; of Docker, whether its buildx is."""
    if shutil.which(tool[0]) is None:
        return False
    if tool[0] != "docker":
        return True
    version = subprocess.run(["docker", "buildx", "version"], capture_output=True, check=False)
    return version.returncode == 0


def pin(root: Path, ask: Callable[[str], str] = ask_registry) -> dict[str, str]:
    """Pin what the files below `root` name. Gives the digests by image."""
    texts = {root / name: (root / name).read_text(encoding="utf-8") for name in FILES}
    named = sorted(set().union(*map(images, texts.values())))
    digests = {image: ask(image) for image in named}
    for path, text in texts.items():
        path.write_text(pinned(text, digests), encoding="utf-8")
    return digests


def main() -> int:
    """The command."""
    try:
        digests = pin(ROOT)
    except CannotPinError as error:
        print(error, file=sys.stderr)
        return 1
    for image, digest in digests.items():
        print(f"{image}@{digest}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
