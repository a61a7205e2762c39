"""What does a synced journal cost a run?

A run of pictures that are finished in the reply, 64 slots, with and without a journal on this disk. Both are the whole
of a run: planning, slots, submission, records. CPU includes what the journal's thread takes.

    python benchmarks/journalled.py [--quick | --full]
"""

from __future__ import annotations

from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

import anyio
from attrs import evolve

from benchmarks.paired import Comparison, compare
from benchmarks.quick_server import KEY, serving
from benchmarks.rows import Row, Size, compared, report
from journey_async import JourneyClient, TaskGraph

if TYPE_CHECKING:
    from collections.abc import Mapping

AT_ONCE: Final = 64
NODES: Final = 512
ROUNDS: Final[Mapping[Size, int]] = {"quick": 2, "usual": 12, "full": 30}


def drawn() -> TaskGraph:
    """Draw pictures of a synchronous model."""
    graph = TaskGraph()
    for number in range(NODES):
        graph.imagine(f"elk {number}", model="flux-schnell")
    return graph


async def _compare(rounds: int, folder: Path) -> Comparison:
    numbers = count()
    with serving() as server:
        async with JourneyClient(KEY, base_url=server.base_url, proxy="") as journey:

            async def without() -> None:
                assert (await journey.run(drawn(), in_flight=AT_ONCE)).complete

            async def journalled() -> None:
                path = folder / f"{next(numbers)}.db"
                assert (await journey.run(drawn(), journal=path, in_flight=AT_ONCE)).complete

            return await compare(without, journalled, rounds=rounds)


def measure(size: Size) -> list[Row]:
    """Compare."""
    with TemporaryDirectory(dir=Path.cwd()) as folder:
        found = anyio.run(_compare, ROUNDS[size], Path(folder))
    headline = f"run with a synced journal / without, submissions a second, {AT_ONCE} at a time"
    by_wall = evolve(found, ratio=found.wall, wall=found.ratio)
    return [
        compared(f"{headline}, CPU", found, goal=0.90, stretch=0.95, limit="0.96"),
        evolve(
            compared(f"{headline}, wall time", by_wall, goal=0.90, stretch=0.95, limit="0.96"),
            note="the same blocks; the disk is the machine's",
        ),
    ]


if __name__ == "__main__":
    report(__doc__, measure)
