"""What is written is read again: in order, by many writers at once, while others read."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

import anyio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey_async import JournalError
from journey_async.journal import Journal
from tests.journal.files import beside, commits, held, read, refused

if TYPE_CHECKING:
    from pathlib import Path

ANY_TEXT = st.text(st.characters(exclude_categories=()))


@settings(max_examples=50)
@given(groups=st.lists(st.lists(ANY_TEXT, max_size=5), max_size=5))
async def test_any_texts_are_read_again_in_order(
    tmp_path_factory: pytest.TempPathFactory, groups: list[list[str]]
) -> None:
    path = tmp_path_factory.mktemp("any") / "elk.db"
    expected: tuple[str, ...] = ()
    for group in groups:
        async with Journal(path) as journal:
            assert journal.records == expected
            await journal.write(*group[:2])
            journal.put(*group[2:])
        expected += tuple(group)

    assert (await read(path) if groups else ()) == expected


async def test_a_file_that_was_not_there_is_made_and_holds_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a b?#%41ü.db"
    async with Journal(path) as journal:
        assert journal.records == ()
        await journal.write("one")
    async with Journal(str(path)) as journal:
        assert journal.records == ("one",)


async def test_a_record_longer_than_a_page_is_whole(tmp_path: Path) -> None:
    records = [letter * 50_000 for letter in "xyz"]
    async with Journal(tmp_path / "elk.db") as journal:
        await journal.write(*records)
    assert await read(tmp_path / "elk.db") == tuple(records)


async def test_what_was_written_is_on_disk_when_the_call_returns(tmp_path: Path) -> None:
    """A copy of the files at this moment holds it."""
    path = tmp_path / "elk.db"
    async with Journal(path) as journal:
        for number in range(5):
            await journal.write(str(number))
            assert await read(path) == tuple(map(str, range(number + 1)))


async def test_a_record_that_was_put_is_written_before_one_that_comes_later(tmp_path: Path) -> None:
    path = tmp_path / "elk.db"
    async with Journal(path) as journal:
        journal.put("one", "two")
        await journal.write("three")
        assert await read(path) == ("one", "two", "three")


async def test_a_call_without_records_waits_for_those_before_it(tmp_path: Path) -> None:
    path = tmp_path / "elk.db"
    async with Journal(path) as journal:
        journal.put("one")
        await journal.write()
        assert await read(path) == ("one",)


async def test_many_writers_at_once_keep_their_own_order(tmp_path: Path) -> None:
    path = tmp_path / "elk.db"

    async def writer(journal: Journal, name: int) -> None:
        for number in range(20):
            await journal.write(f"{name} {number} a", f"{name} {number} b")

    async with Journal(path) as journal, anyio.create_task_group() as group:
        for name in range(50):
            group.start_soon(writer, journal, name)
    records = await read(path)

    assert len(records) == 2000
    for name in range(50):
        mine = [record for record in records if record.startswith(f"{name} ")]
        assert mine == [f"{name} {number} {letter}" for number in range(20) for letter in "ab"]
    assert all(records[at][:-1] == records[at + 1][:-1] for at in range(0, 2000, 2))


async def test_writers_that_wait_for_the_disk_share_a_transaction(tmp_path: Path) -> None:
    """The disk is busy with the first of a hundred: all others go together."""
    path = tmp_path / "elk.db"
    async with Journal(path) as journal:
        await journal.write("before")
        before = commits(path)
        async with anyio.create_task_group() as group:
            with held(path):
                for number in range(100):
                    group.start_soon(journal.write, str(number))
                await anyio.wait_all_tasks_blocked()
                assert await read(path) == ("before",)
        assert await read(path) == ("before", *map(str, range(100)))
        assert commits(path) - before in {1, 2}


async def test_when_the_block_is_left_one_file_and_its_lock_remain(tmp_path: Path) -> None:
    path = tmp_path / "elk.db"
    threads = threading.active_count()
    async with Journal(path) as journal:
        journal.put(*map(str, range(1000)))
        names = {thread.name for thread in threading.enumerate()}
    writers = {thread.name for thread in threading.enumerate() if thread.name == "journey-async journal"}

    assert "journey-async journal" in names
    assert writers == set()
    assert threading.active_count() <= threads + 1  # anyio keeps the thread that waited for the end
    assert sorted(file.name for file in os.scandir(tmp_path)) == ["elk.db", "elk.db-lock"]
    assert beside(path, "-lock").stat().st_size == 0
    assert len(await read(path)) == 1000


async def test_an_error_of_the_body_is_the_one_that_leaves_the_block(tmp_path: Path) -> None:
    async def body() -> None:
        async with Journal(tmp_path / "elk.db") as journal:
            journal.put("one")
            raise KeyError

    with pytest.raises(KeyError) as caught:
        await body()
    assert await read(tmp_path / "elk.db") == ("one",)
    assert not hasattr(caught.value, "__notes__")


async def test_outside_of_its_block_nothing_is_written_and_nothing_is_lost_silently(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "elk.db")
    async with journal:
        await journal.write("one")
    journal.put("two")
    with pytest.raises(JournalError, match=r"elk\.db: it is not open: use it inside of its `async with` block"):
        await journal.write("three")

    assert journal.unwritten == ("two", "three")
    assert await read(tmp_path / "elk.db") == ("one",)


async def test_a_journal_by_another_name_is_the_same_journal(tmp_path: Path) -> None:
    (tmp_path / "other.db").symlink_to(tmp_path / "elk.db")
    async with Journal(tmp_path / "other.db") as journal:
        await journal.write("one")
        assert (await refused(tmp_path / "elk.db")).holder is not None
    assert await read(tmp_path / "elk.db") == ("one",)
