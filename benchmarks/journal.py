"""What does it cost to have every record on disk, synced, before a paid request leaves?

Against plain `sqlite3` with a commit for each record, in the same file mode. Each round measures all of them in turn,
so that the ratios hold while the speed of the machine drifts. 200 characters a record; CPU is of the whole process.
"""

from __future__ import annotations

import platform
import sqlite3
import sys
import time
from contextlib import closing
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

import anyio
import anyio.to_thread
from attrs import frozen

from journey_async.journal import Journal
from journey_async.journal_file import read_journal_file

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS: Final = 7
RECORD: Final = "x" * 200
LOADS: Final = {1: 500, 16: 4_000, 64: 16_000, 256: 32_000}
"""How many calls wait at once, and how many records they write in a round."""
PLAIN: Final = 500


@frozen
class Figures:
    """One measurement."""

    records: int
    seconds: float
    cpu: float

    @property
    def rate(self) -> float:
        """Records a second."""
        return self.records / self.seconds

    @property
    def cost(self) -> float:
        """Microseconds of CPU a record."""
        return self.cpu / self.records * 1e6


def measured(records: int) -> Callable[[], Figures]:
    """Start both clocks; the call that is given back stops them."""
    began, worked = time.perf_counter(), time.process_time()
    return lambda: Figures(records, time.perf_counter() - began, time.process_time() - worked)


def plain(path: Path) -> Figures:
    """Commit each record alone, with nothing around it."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("CREATE TABLE log (n INTEGER PRIMARY KEY, record TEXT NOT NULL)")
        done = measured(PLAIN)
        for _ in range(PLAIN):
            connection.execute("INSERT INTO log (record) VALUES (?)", (RECORD,))
        return done()


async def journal(path: Path, waiting: int, records: int) -> Figures:
    """Let so many calls wait at once, each writing one record after the other."""

    async def writer() -> None:
        for _ in range(records // waiting):
            await log.write(RECORD)

    async with Journal(path) as log:
        done = measured(records // waiting * waiting)
        async with anyio.create_task_group() as group:
            for _ in range(waiting):
                group.start_soon(writer)
        figures = done()
    assert len(await anyio.to_thread.run_sync(read_journal_file, path)) == figures.records
    return figures


async def measure(folder: Path) -> dict[int, list[Figures]]:
    """Give the figures of each round; 0 waiting is plain sqlite3."""
    rounds: dict[int, list[Figures]] = {0: [], **{waiting: [] for waiting in LOADS}}
    for number in range(ROUNDS):
        rounds[0].append(await anyio.to_thread.run_sync(plain, folder / f"{number}-plain.db"))
        for waiting, records in LOADS.items():
            rounds[waiting].append(await journal(folder / f"{number}-{waiting}.db", waiting, records))
    return rounds


async def main() -> None:
    """Print the table. A folder may be given: syncs cost what the disk below it takes for them."""
    with TemporaryDirectory(dir=sys.argv[1] if len(sys.argv) > 1 else None) as folder:
        rounds = await measure(Path(folder))
    print(f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {platform.platform()}")
    print(f"{'':32}{'records/s':>12}{'to plain':>12}{'(lowest-highest)':>18}{'CPU us/record':>16}")
    for waiting, series in rounds.items():
        name = f"journal, {waiting} waiting" if waiting else "plain sqlite3, a commit each"
        ratios = [figures.rate / base.rate for figures, base in zip(series, rounds[0], strict=True)]
        rate, cost = median(each.rate for each in series), median(each.cost for each in series)
        spread = f"({min(ratios):.1f}-{max(ratios):.1f})"
        print(f"{name:32}{rate:12,.0f}{median(ratios):12.1f}{spread:>18}{cost:16.1f}")


if __name__ == "__main__":
    anyio.run(main)
