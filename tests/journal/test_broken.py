"""A journal that cannot be written any more: who waits is told, and what is not on disk can be reached."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from journey_async import JournalError
from journey_async.journal import Journal
from tests.journal.files import beside, execute, read

if TYPE_CHECKING:
    from pathlib import Path


async def test_a_record_of_somebody_else_breaks_the_journal(tmp_path: Path) -> None:
    path = tmp_path / "elk.db"

    async def body() -> None:
        async with Journal(path) as journal:
            await journal.write("one")
            execute(path, "INSERT INTO log VALUES (2, 'theirs', 0)")
            for record in ("two", "three"):
                with pytest.raises(JournalError, match=r"elk\.db: UNIQUE constraint failed"):
                    await journal.write(record)
            assert journal.unwritten == ("two", "three")
            journal.put("four", "five")

    with pytest.raises(JournalError, match="4 records are not on disk: UNIQUE constraint failed") as caught:
        await body()
    assert caught.value.unwritten == ("two", "three", "four", "five")
    assert caught.value.credits_may_have_moved
    with pytest.raises(JournalError, match="it is damaged"):
        await read(path)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not let a file go that is in use")
@pytest.mark.parametrize("suffix", ["", "-wal"])
async def test_a_file_that_is_deleted_while_it_is_written_breaks_the_journal(tmp_path: Path, suffix: str) -> None:
    """Another error is on its way out of the block: the loss is noted on it."""
    path = tmp_path / "elk.db"
    journal = Journal(path)

    async def body() -> None:
        async with journal:
            await journal.write("one")
            beside(path, suffix).unlink()
            with pytest.raises(JournalError, match="it was moved or deleted while it was in use"):
                await journal.write("two")
            journal.put("three")
            raise KeyError

    with pytest.raises(KeyError) as caught:
        await body()
    assert caught.value.__notes__ == [
        f"journal {path}: 2 records are not on disk: it was moved or deleted while it was in use"
    ]
    assert journal.unwritten == ("two", "three")


async def test_all_who_wait_for_a_transaction_that_fails_are_told(tmp_path: Path) -> None:
    """Records are written all or none: those of one transaction fail together, those before it are kept."""
    path = tmp_path / "elk.db"

    async def body() -> None:
        async with Journal(path) as journal:
            await journal.write("one")
            execute(path, "INSERT INTO log VALUES (4, 'theirs', 0)")
            with pytest.raises(JournalError):
                await journal.write("two", "three", "four")

    with pytest.raises(JournalError, match="3 records are not on disk"):
        await body()
    execute(path, "DELETE FROM log WHERE n = 4")
    assert await read(path) == ("one",)
