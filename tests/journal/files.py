"""Journal files, looked at from outside: with plain SQLite, byte by byte, from other processes."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import anyio
import anyio.to_thread
import pytest

from journey_async import JournalBusyError
from journey_async.journal import Journal
from journey_async.journal_file import read_journal_file
from tests.cli.processes import ROOT, environment

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

FRAME = 24 + 4096
SIDES = ("", "-wal", "-shm")


def opened(path: Path, *more: str) -> tuple[str, ...]:
    """Open a journal to write, and write some more."""

    async def main() -> tuple[str, ...]:
        async with Journal(path) as journal:
            await journal.write(*more)
            return journal.records

    return anyio.run(main)


async def read(path: Path) -> tuple[str, ...]:
    """Read a journal without blocking the loop."""
    return await anyio.to_thread.run_sync(read_journal_file, path)


async def refused(path: Path) -> JournalBusyError:
    with pytest.raises(JournalBusyError) as caught:
        async with Journal(path):
            pass
    return caught.value


@contextmanager
def held(path: Path, how: str = "IMMEDIATE") -> Generator[None]:
    """Keep the file locked by another program, as it were: its writer waits."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(f"BEGIN {how}")
        yield


def execute(path: Path, *statements: str) -> None:
    """Change a journal behind its back."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)


def beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)


def commits(path: Path) -> int:
    """Count the transactions in the WAL: the frames that say how large the database is after them."""
    wal = beside(path, "-wal").read_bytes()
    return sum(wal[at + 4 : at + 8] != bytes(4) for at in range(32, len(wal), FRAME))


def copied(path: Path, folder: Path) -> Path:
    """Copy a journal with the files beside it, as a backup in the middle of a run would."""
    for suffix in SIDES[:2]:
        if beside(path, suffix).exists():
            shutil.copy(beside(path, suffix), folder)
    return folder / path.name


@contextmanager
def started(program: str, *arguments: object) -> Generator[subprocess.Popen[str]]:
    """Run a Python program for as long as the block is open, if it does not end before."""
    with subprocess.Popen(  # noqa: S603 - programs of our own
        [sys.executable, "-c", program, *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment(),
        cwd=ROOT,
    ) as process:
        try:
            yield process
        finally:
            process.kill()
