"""Switches for what is not known of the real service, or differs between its answers.

Promises: the defaults are what was measured, or the more likely guess.
On restart: back to the defaults.
"""

from dataclasses import dataclass, fields
from typing import Any


@dataclass(slots=True)
class Quirks:
    """`list_shape`: `array` (measured) or `object` (`{liveInputs, range, total}`, the OpenAPI).

    `idempotency_other_body`: what the same key with another body gets: `replay` (the input made
    first, the body ignored) or `conflict` (409). Nothing is known.
    `whip_lifecycle`: whether `/lifecycle` knows who publishes by WHIP: `known`, or `unknown`: such
    an input is called not live for ever. Cloudflare does not say.
    `disable_ends`: whose running broadcast a disable ends: `all`; `broadcast`: by RTMPS and SRT
    alone, which Cloudflare's words name; or `none`. New ones are refused all the same.
    `rotate_ends`: whose running broadcast a rotation of the keys ends: `all` (documented) or
    `none`. A delete ends every one.
    `peers`: where WebRTC peers are: `near`, on this machine, so that one that vanished is noticed
    in five seconds; or `far`: their answers take up to a second and get lost, so that it takes
    thirty, as WebRTC advises, and packets are kept longer to be sent again. Holds for new sessions.
    `signed_lifecycle`: whether `/lifecycle` answers the plain uid of a signed input: `open`, or
    `token`: 401. A token is taken either way.
    `whep_exp`: what the end of its token means for a running WHEP session: `runs`, on, or `ends`.
    """

    list_shape: str = "array"
    idempotency_other_body: str = "replay"
    whip_lifecycle: str = "known"
    disable_ends: str = "all"
    rotate_ends: str = "all"
    peers: str = "near"
    signed_lifecycle: str = "open"
    whep_exp: str = "runs"

    def update(self, values: dict[str, Any]) -> None:
        """Sets some switches. Raises ValueError for an unknown name or value."""
        allowed = {
            "list_shape": ("array", "object"),
            "idempotency_other_body": ("replay", "conflict"),
            "whip_lifecycle": ("known", "unknown"),
            "disable_ends": ("all", "broadcast", "none"),
            "rotate_ends": ("all", "none"),
            "peers": ("near", "far"),
            "signed_lifecycle": ("open", "token"),
            "whep_exp": ("runs", "ends"),
        }
        for name, value in values.items():
            if value not in allowed.get(name, ()):
                names = ", ".join(f"{key}: {'|'.join(allowed[key])}" for key in allowed)
                raise ValueError(f"no such quirk or value: {name}; known are {names}")
        for name, value in values.items():
            setattr(self, name, value)

    def render(self) -> dict[str, str]:
        return {item.name: getattr(self, item.name) for item in fields(self)}
