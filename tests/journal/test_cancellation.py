"""Cancelling a journal while it is opened, written and left: what was given is on disk, and the lock is free."""

from __future__ import annotations

import asyncio
import threading
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import anyio
import anyio.to_thread
import pytest

from journey_async import JournalError
from journey_async.journal import Journal
from tests.client.test_cancellation import CANCELLING, nothing
from tests.journal.files import held, read

if TYPE_CHECKING:
    from pathlib import Path


def writers() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "journey-async journal"]


async def until_nobody_writes() -> None:
    for writer in writers():
        await anyio.to_thread.run_sync(writer.join)


@CANCELLING
async def test_cancelled_while_it_is_opened_it_is_closed_again(tmp_path: Path, cancelled: Any) -> None:
    path = tmp_path / "elk.db"
    async with Journal(path) as journal:
        journal.put("one")
    reached: list[str] = []

    async def body() -> None:
        async with Journal(path):
            reached.append("the body")

    with ExitStack() as stack:
        stack.enter_context(held(path, "EXCLUSIVE"))
        await cancelled(body(), anyio.wait_all_tasks_blocked, stack.close)

    assert reached == []
    assert writers() == []
    async with Journal(path) as journal:
        assert journal.records == ("one",)


@CANCELLING
async def test_a_cancelled_write_is_written_all_the_same(tmp_path: Path, cancelled: Any) -> None:
    path = tmp_path / "elk.db"
    async with Journal(path) as journal:
        with held(path):
            await cancelled(journal.write("one"), anyio.wait_all_tasks_blocked, nothing)
            assert await read(path) == ()
        await journal.write("two")
        assert await read(path) == ("one", "two")


@CANCELLING
async def test_a_block_left_by_cancellation_has_written_everything(tmp_path: Path, cancelled: Any) -> None:
    """Also what is put on the way out of the cancellation."""
    path = tmp_path / "elk.db"
    at_work = anyio.Event()

    async def body() -> None:
        async with Journal(path) as journal:
            journal.put("one")
            try:
                at_work.set()
                await anyio.sleep_forever()
            finally:
                journal.put("two")

    await cancelled(body(), at_work.wait, nothing)
    await anyio.wait_all_tasks_blocked()
    await until_nobody_writes()
    assert await read(path) == ("one", "two")


@CANCELLING
async def test_cancelled_while_it_is_left_it_has_written_everything(tmp_path: Path, cancelled: Any) -> None:
    path = tmp_path / "elk.db"
    journal = Journal(path)
    leaving = anyio.Event()

    async def body() -> None:
        async with journal:
            stack.enter_context(held(path))
            journal.put("one")
            leaving.set()

    with ExitStack() as stack:
        await cancelled(body(), leaving.wait, stack.close)

    await until_nobody_writes()
    assert await read(path) == ("one",)
    assert journal.unwritten == ()
    async with Journal(path):
        pass


async def test_a_second_cancellation_ends_the_waiting_and_not_the_writing(tmp_path: Path) -> None:
    path = tmp_path / "elk.db"
    at_work = anyio.Event()

    async def body() -> None:
        async with Journal(path) as journal:
            stack.enter_context(held(path))
            journal.put("one")
            at_work.set()
            await anyio.sleep_forever()

    with ExitStack() as stack:
        task = asyncio.create_task(body())
        await at_work.wait()
        for _ in range(2):
            task.cancel()
            await anyio.wait_all_tasks_blocked()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert len(writers()) == 1

    await until_nobody_writes()
    assert await read(path) == ("one",)


async def test_a_disk_that_is_slower_than_the_patience_at_the_end_is_told_of(tmp_path: Path) -> None:
    path = tmp_path / "elk.db"

    async def body() -> None:
        async with Journal(path, closing_seconds=0.01) as journal:
            stack.enter_context(held(path))
            journal.put("one")

    with ExitStack() as stack, pytest.raises(JournalError, match="not everything is on it yet; the process writes the"):
        await body()

    await until_nobody_writes()
    assert await read(path) == ("one",)
