"""What does it cost to submit through the whole client, compared with the loop that one writes by hand?

By hand: `async with session.post(url, json=...) as reply: await reply.json()` on a session of aiohttp with its
defaults. Both submit the same 64 pictures at a time, on asyncio and on uvloop.

    python benchmarks/submitting.py [--quick | --full]
"""

from __future__ import annotations

import asyncio
import importlib.util
from typing import TYPE_CHECKING, Final

import aiohttp
import anyio

from benchmarks.paired import Comparison, compare
from benchmarks.quick_server import KEY, serving
from benchmarks.rows import Row, Size, compared, report
from journey_async import JourneyClient

if TYPE_CHECKING:
    from collections.abc import Mapping

AT_ONCE: Final = 64
PROMPT: Final = "an elk in the fog --v 6"
ROUNDS: Final[Mapping[Size, int]] = {"quick": 2, "usual": 80, "full": 240}


async def by_hand(session: aiohttp.ClientSession, url: str) -> str:
    """Submit one."""
    async with session.post(url, json={"prompt": PROMPT, "model": "midjourney"}) as reply:
        answer = await reply.json()
    task_id: str = answer["task_id"]
    return task_id


async def _compare(rounds: int) -> Comparison:
    with serving() as server:
        url = f"{server.base_url}/imagine"
        async with (
            aiohttp.ClientSession(headers={"Authorization": KEY}) as session,
            JourneyClient(KEY, base_url=server.base_url, proxy="") as journey,
        ):

            async def base() -> None:
                await asyncio.gather(*(by_hand(session, url) for _ in range(AT_ONCE)))

            async def whole() -> None:
                await asyncio.gather(*(journey.imagine(PROMPT) for _ in range(AT_ONCE)))

            return await compare(base, whole, rounds=rounds)


def measure(size: Size) -> list[Row]:
    """Measure on both loops."""
    rows: list[Row] = []
    for loop in ("asyncio", "uvloop"):
        headline = f"submit throughput / bare aiohttp, {AT_ONCE} at a time, {loop}"
        if loop == "uvloop" and importlib.util.find_spec("uvloop") is None:
            rows.append(Row(headline=headline, note="uvloop is not installed"))
            continue
        found = anyio.run(_compare, ROUNDS[size], backend_options={"use_uvloop": loop == "uvloop"})
        rows.append(compared(headline, found, goal=0.97, stretch=1.0, limit="1.08"))
    return rows


if __name__ == "__main__":
    report(__doc__, measure)
