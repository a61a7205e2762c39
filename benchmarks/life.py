"""How many whole lives, from the submission to the result, for the CPU of one bare submission?

A block submits 1,024 pictures through the client, 64 at a time, and awaits every result; tasks take 4 to 6 seconds. The
other block submits as many by hand, eight times over, and follows none. A life waits most of the time, so that CPU is
what counts.

    python benchmarks/life.py [--quick | --full]
"""

from __future__ import annotations

import asyncio
import time
from statistics import quantiles
from typing import TYPE_CHECKING, Final

import aiohttp
import anyio

from benchmarks.paired import Comparison, compare
from benchmarks.quick_server import KEY, ends, serving
from benchmarks.rows import Row, Size, compared, report
from benchmarks.submitting import PROMPT, by_hand
from journey_async import JourneyClient

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

TASKS: Final = 1024
AT_ONCE: Final = 64
TIMES: Final[Mapping[Size, int]] = {"quick": 1, "usual": 8, "full": 8}
"""How often the bare block does its work: once would take a fiftieth of what the lives take."""
ROUNDS: Final[Mapping[Size, int]] = {"quick": 2, "usual": 4, "full": 10}
SECONDS: Final[Mapping[Size, tuple[float, float]]] = {"quick": (0.5, 1.0), "usual": (4.0, 6.0), "full": (4.0, 6.0)}


async def _compare(size: Size) -> tuple[Comparison, Sequence[float]]:
    late: list[float] = []
    with serving() as server:
        url = f"{server.base_url}/imagine"
        async with (
            aiohttp.ClientSession(headers={"Authorization": KEY}) as session,
            JourneyClient(KEY, base_url=server.base_url, proxy="") as journey,
        ):
            least, most = SECONDS[size]
            async with session.post(f"{server.base_url}/seconds", json={"least": least, "most": most}) as reply:
                await reply.read()

            async def base() -> None:
                for _ in range(TIMES[size] * TASKS // AT_ONCE):
                    await asyncio.gather(*(by_hand(session, url) for _ in range(AT_ONCE)))

            async def whole() -> None:
                turns = asyncio.Semaphore(AT_ONCE)

                async def live() -> None:
                    async with turns:
                        task = await journey.imagine(PROMPT)
                    assert len((await task).urls) == 4
                    late.append(time.monotonic() - ends(task.id))

                await asyncio.gather(*(live() for _ in range(TASKS)))

            return await compare(base, whole, rounds=ROUNDS[size], times=TIMES[size]), late


def measure(size: Size) -> list[Row]:
    """Compare."""
    found, late = anyio.run(_compare, size)
    headline = "whole life (submit to result) / bare submit loop, tasks for the same CPU"
    # A life would be cheaper whose end is noticed late.
    note = f"lag p99 {quantiles(late, n=100)[98]:.2f} s; wall time means nothing here"
    return [compared(headline, found, goal=0.55, stretch=0.70, limit="0.87", note=note)]


if __name__ == "__main__":
    report(__doc__, measure)
