"""`python -m localnet demo`: runs the whole system and one room, then stays up until Ctrl-C.

Exit codes: 0 all passed; 1 a step failed or a program died; 2 the state directory is unusable.
"""

from __future__ import annotations

import argparse
import signal
import sys
import time
from pathlib import Path
from types import FrameType
from typing import NoReturn

import httpx

from localnet.narrator import Narrator
from localnet.process import ProgramError
from localnet.room_life import RoomLife, RoomLifeError
from localnet.stack import Stack, default_directory
from localnet.stack_programs import Pace
from localnet.stack_state import StackState, StackStateError

NAMES = {
    "anvil": "chain",
    "mongo": "database",
    "stream": "video",
    "contract": "contract",
    "indexer": "indexer",
    "oracle": "oracle",
    "playback": "playback",
    "presence": "presence",
    "api": "API",
}


class DemoStopped(BaseException):
    """Somebody wants us to stop."""


_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGALRM)


def stop_on_signals() -> None:
    """Ctrl-C or SIGTERM raises `DemoStopped`. Some places drop what is raised there, such as
    Python's own callbacks at a fork: then an alarm raises it once more, a moment later."""
    for number in _SIGNALS:
        signal.signal(number, _stop)
    sys.unraisablehook = _not_dropped


def _stop(_: int, __: FrameType | None) -> NoReturn:
    raise DemoStopped


def _not_dropped(dropped: sys.UnraisableHookArgs) -> None:
    if isinstance(dropped.exc_value, DemoStopped):
        signal.setitimer(signal.ITIMER_REAL, 0.01)
    else:
        sys.__unraisablehook__(dropped)


def arguments(argv: list[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m localnet", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    demo = commands.add_parser("demo", help="run everything, and one room from creation to release")
    demo.add_argument("--once", action="store_true", help="stop after that room")
    demo.add_argument("--fresh", action="store_true", help="delete the saved state first")
    demo.add_argument("--no-walk", action="store_true", help="run everything, without that room")
    demo.add_argument("--state", type=Path, default=default_directory(), help="state directory")
    demo.add_argument(
        "--block-seconds", type=_seconds, default=Pace().block_seconds, help="time between blocks"
    )
    return parser.parse_args(argv)


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0.05 <= seconds <= 60:
        raise argparse.ArgumentTypeError("needs 0.05 to 60 seconds")
    return seconds


def demo(options: argparse.Namespace, narrator: Narrator) -> int:
    """Run the demo; returns the exit code."""
    try:
        state = StackState(options.state, fresh=options.fresh)
    except StackStateError as error:
        narrator.fail(str(error))
        return 2
    pace = Pace(block_seconds=options.block_seconds)
    stack = Stack(state, pace, tell=lambda name, what: narrator.part(NAMES[name], what))
    try:
        narrator.heading("Livestream Rooms: the whole system on this machine")
        stack.start()
        if not options.no_walk:
            narrator.heading("One room, from creation to release")
            RoomLife(stack, narrator).run()
            stack.require_alive()
        took = time.monotonic() - narrator.began
        held = "All started in" if options.no_walk else "All steps passed in"
        narrator.heading(f"{held} {took:.1f} s.")
        if not options.once:
            _farewell(stack, narrator)
            _watch(stack)
    except DemoStopped:
        narrator.say("\nStopping ...")
    except StackStateError as error:
        narrator.fail(str(error))
        return 2
    except (ProgramError, RoomLifeError, httpx.HTTPError) as error:
        narrator.fail(_cause(stack, error))
        return 1
    finally:
        for number in _SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        stack.stop()
        state.close()
    return 0


def _cause(stack: Stack, error: Exception) -> str:
    """A part that died says more than the call that missed it."""
    try:
        stack.require_alive()
    except ProgramError as died:
        return str(died)
    return str(error)


def _farewell(stack: Stack, narrator: Narrator) -> None:
    api = stack.state.url("api")
    narrator.say(f"\n  Open {api} , or try:\n")
    for path in ("status", "rooms?limit=5", "join?room_id=live_1", "rooms/live_1/events"):
        narrator.say(f"    curl -s '{api}/api/livestream/{path}'")
    narrator.say(f"\n  Logs: {stack.state.path('logs')}. Ctrl-C stops everything.")


def _watch(stack: Stack) -> NoReturn:
    while True:
        stack.require_alive()
        time.sleep(0.5)


def main() -> int:
    """The command."""
    options = arguments()
    stop_on_signals()
    return demo(options, Narrator())


if __name__ == "__main__":
    sys.exit(main())
