"""One writer at a time, whatever becomes of the others: other processes, killed ones, full disks."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import anyio
import pytest

from journey_async.journal import Journal
from journey_async.journal_file import read_journal_file
from tests.journal.files import beside, held, refused, started

if TYPE_CHECKING:
    from pathlib import Path
    from subprocess import Popen

WRITER = """
import sys, anyio
from journey_async.journal import Journal

async def writer(journal, name):
    number = 0
    while True:
        await journal.write(f"{name} {number}")
        print(f"{name} {number}", flush=True)
        number += 1

async def main():
    async with Journal(sys.argv[1]) as journal, anyio.create_task_group() as group:
        for name in range(16):
            group.start_soon(writer, journal, name)

anyio.run(main)
"""
SMALL_DISK = """
import resource, sys, anyio
from journey_async import JournalError
from journey_async.journal import Journal

async def main():
    number = 0
    async with Journal(sys.argv[1]) as journal:
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, resource.RLIM_INFINITY))
        try:
            while True:
                await journal.write(f"{number}" + " " * 1000)
                number += 1
        except JournalError as error:
            print(number)
            print(error)
        journal.put("later")

try:
    anyio.run(main)
except JournalError as error:
    print(error)
    print(len(error.unwritten))
"""
DROPPED_LOOP = """
import asyncio, sys
from journey_async.journal import Journal

async def main():
    async with Journal(sys.argv[1]) as journal:
        await journal.write("one")
        journal.put("two")
        asyncio.get_running_loop().stop()
        await asyncio.Event().wait()

loop = asyncio.new_event_loop()
task = loop.create_task(main())
loop.run_forever()
print("stopped")
"""


def lines(process: Popen[str], number: int) -> list[str]:
    assert process.stdout is not None
    return [process.stdout.readline().rstrip("\n") for _ in range(number)]


async def test_a_second_writer_in_the_same_process_is_refused_and_told_who_writes(tmp_path: Path) -> None:
    path = tmp_path / "elk.db"
    async with Journal(path) as journal:
        error = await refused(path)
        await journal.write("one")

    assert error.holder is not None
    assert error.holder.startswith(f"process {os.getpid()} on ")
    assert str(error) == (
        f"journal {path}: it is being written by {error.holder}: wait for its end, or name another file"
    )
    async with Journal(path) as journal:
        assert journal.records == ("one",)


def test_a_second_writer_in_another_process_is_refused_and_told_who_writes(tmp_path: Path) -> None:
    path = tmp_path / "elk.db"
    with started(WRITER, path) as process:
        lines(process, 1)
        error = anyio.run(refused, path)

        assert (error.holder or "").startswith(f"process {process.pid} on ")


async def test_a_writer_that_has_not_said_who_it_is_is_another_process(tmp_path: Path) -> None:
    """The lock is taken before anything is written."""
    with held(beside(tmp_path / "elk.db", "-lock")):
        error = await refused(tmp_path / "elk.db")

    assert error.holder is None
    assert "being written by another process:" in str(error)


def test_what_was_acknowledged_before_a_kill_is_there_and_the_lock_is_gone(tmp_path: Path) -> None:
    path = tmp_path / "elk.db"
    with started(WRITER, path) as process:
        acknowledged = lines(process, 300)
        read_journal_file(path)
        process.kill()
        assert process.stdout is not None
        acknowledged += [line.rstrip("\n") for line in process.stdout if line.endswith("\n")]
    records = read_journal_file(path)

    async def again() -> tuple[str, ...]:
        async with Journal(path) as journal:
            await journal.write("after")
            return journal.records

    assert set(acknowledged) <= set(records)
    assert len(records) == len(set(records))
    assert anyio.run(again) == records
    assert read_journal_file(path) == (*records, "after")


def test_a_reader_sees_what_a_writer_has_committed_and_does_not_hinder_it(tmp_path: Path) -> None:
    path = tmp_path / "elk.db"
    with started(WRITER, path) as process:
        for _ in range(20):
            acknowledged = lines(process, 16)
            assert set(acknowledged) <= set(read_journal_file(path))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no limit of the size of files")
def test_a_disk_that_takes_no_more_breaks_the_journal_and_keeps_what_was_acknowledged(tmp_path: Path) -> None:
    path = tmp_path / "elk.db"
    with started(SMALL_DISK, path) as process:
        told, _ = process.communicate()
    acknowledged, refusal, loss, unwritten = told.splitlines()
    records = read_journal_file(path)

    assert [record.rstrip() for record in records[: int(acknowledged)]] == list(map(str, range(int(acknowledged))))
    assert int(acknowledged) > 10
    assert f"journal {path}: the disk refuses it: see that it has room" in refusal
    assert f"journal {path}: 2 records are not on disk: the disk refuses it" in loss
    assert unwritten == "2"


def test_a_loop_that_is_dropped_in_the_middle_loses_nothing_and_holds_up_nobody(tmp_path: Path) -> None:
    with started(DROPPED_LOOP, tmp_path / "elk.db") as process:
        told, _ = process.communicate(timeout=60)

    assert told == "stopped\n"
    assert read_journal_file(tmp_path / "elk.db") == ("one", "two")
