"""Tasks that end for certain.

Promises: `end_tasks` returns once every task is over; `together` leaves none of its tasks behind.
A cancellation only signals, and now and then one is lost: `asyncio.wait_for` of Python 3.11, which
pymongo uses, drops it if the answer comes at the same moment; the task then goes round its loop as
if nothing had been asked. So `end_tasks` asks again until the task is over.
Assumes: a task ends at one of the next requests; one that refuses each would hold us for ever.
On restart: nothing is kept.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

AGAIN_SECONDS = 1.0


async def end_tasks(*tasks: asyncio.Future[Any]) -> None:
    """Cancel `tasks` until they are over; their results and errors are dropped.

    If we are cancelled meanwhile, CancelledError is raised once they are over.
    """
    interrupted = False
    while pending := [task for task in tasks if not task.done()]:
        for task in pending:
            task.cancel()
        try:
            await asyncio.wait(pending, timeout=AGAIN_SECONDS)
        except asyncio.CancelledError:
            interrupted = True
    for task in tasks:
        if not task.cancelled():
            task.exception()  # else asyncio complains that nobody asked
    if interrupted:
        raise asyncio.CancelledError


async def together(*works: Coroutine[Any, Any, object]) -> None:
    """Run `works` side by side until all have ended. The first error ends the others, and is raised
    when they are over. Raises ValueError without any work."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
        for task in done:
            task.result()
    finally:
        await end_tasks(*tasks)
