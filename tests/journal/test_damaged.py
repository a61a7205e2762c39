"""Journals that were not copied whole, or lie on a bad disk: refused, or what came first is there unchanged."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey_async import JournalBusyError, JournalError
from journey_async.journal_file import read_journal_file
from tests.journal.files import beside, copied, opened, started

if TYPE_CHECKING:
    from collections.abc import Callable

RECORDS = [f"{number} " + "x" * (number * 997 % 6000) for number in range(30)]
LEAF = 13
"""The first byte of a page that holds rows."""
UNFINISHED = """
import os, sys, anyio
from journey_async.journal import Journal

async def main():
    async with Journal(sys.argv[1]) as journal:
        for record in sys.stdin.read().splitlines():
            await journal.write(record)
        os._exit(0)

anyio.run(main)
"""


@pytest.fixture(scope="module")
def folded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A journal as its block leaves it: one file."""
    path = tmp_path_factory.mktemp("folded") / "elk.db"
    for record in RECORDS:
        opened(path, record)
    return path


@pytest.fixture(scope="module")
def unfinished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A journal as a crash leaves it, with a WAL, after an earlier run."""
    path = tmp_path_factory.mktemp("unfinished") / "elk.db"
    opened(path, *RECORDS[:10])
    with started(UNFINISHED, path) as process:
        process.communicate("\n".join(RECORDS[10:]))
    return path


def outcome(use: Callable[[Path], tuple[str, ...]], path: Path) -> tuple[str, ...] | None:
    try:
        return use(path)
    except JournalBusyError:
        raise
    except JournalError:
        return None


def check(whole: Path, damage: Callable[[Path], None]) -> None:
    """Damage a copy; it must be refused, or hold the first records unchanged, and more can be added then."""
    for use in (read_journal_file, opened):
        with TemporaryDirectory() as folder:
            path = copied(whole, Path(folder))
            damage(path)
            found = outcome(use, path)
            assert found is None or list(found) == RECORDS[: len(found)]
            if found is not None and use is opened:
                assert opened(path, "more") == found
                assert read_journal_file(path) == (*found, "more")


def cut(path: Path, size: int) -> None:
    if path.exists():
        os.truncate(path, min(size, path.stat().st_size))


def flip(path: Path, at: int, bits: int) -> None:
    with path.open("r+b") as file:
        file.seek(at)
        byte = file.read(1)
        file.seek(at)
        file.write(bytes([byte[0] ^ bits]))


def sizes(path: Path) -> list[int]:
    """Give the sizes that mean something to SQLite, and those beside them."""
    size = path.stat().st_size
    pages = [*range(0, size, 4096), *range(32, size, 24 + 4096), 16, 100, 512, 1024]
    return sorted({near for page in pages for near in (page - 1, page, page + 1) if 0 <= near < size})


def test_a_journal_is_whole_where_nothing_was_cut(folded: Path, unfinished: Path) -> None:
    for whole, wal in ((folded, False), (unfinished, True)):
        assert beside(whole, "-wal").exists() is wal
        assert list(read_journal_file(whole)) == RECORDS
        check(whole, lambda path: None)


@pytest.mark.parametrize("kind", ["folded", "unfinished"])
def test_a_file_cut_at_the_edge_of_a_page_is_refused_or_holds_what_came_first(
    request: pytest.FixtureRequest, kind: str
) -> None:
    whole: Path = request.getfixturevalue(kind)
    for size in sizes(whole)[::3]:
        check(whole, lambda path, size=size: cut(path, size))  # type: ignore[misc]


@given(data=st.data())
def test_a_file_cut_at_any_byte_is_refused_or_holds_what_came_first(
    folded: Path, unfinished: Path, data: st.DataObject
) -> None:
    whole, suffix = data.draw(st.sampled_from([(folded, ""), (unfinished, ""), (unfinished, "-wal")]))
    size = data.draw(st.integers(0, beside(whole, suffix).stat().st_size))

    check(whole, lambda path: cut(beside(path, suffix), size))


@given(data=st.data())
def test_a_file_with_a_wrong_byte_is_refused_or_holds_what_came_first(
    folded: Path, unfinished: Path, data: st.DataObject
) -> None:
    whole, suffix = data.draw(st.sampled_from([(folded, ""), (unfinished, ""), (unfinished, "-wal")]))
    at = data.draw(st.integers(0, beside(whole, suffix).stat().st_size - 1))
    bits = data.draw(st.integers(1, 255))

    check(whole, lambda path: flip(beside(path, suffix), at, bits))


@settings(max_examples=30)
@given(data=st.data())
def test_a_wal_without_its_end_loses_the_end_alone(unfinished: Path, data: st.DataObject) -> None:
    """As a crash of the machine leaves it: every record before the cut is there."""
    with TemporaryDirectory() as folder:
        path = copied(unfinished, Path(folder))
        size = data.draw(st.integers(0, beside(path, "-wal").stat().st_size))
        cut(beside(path, "-wal"), size)
        found = read_journal_file(path)

    assert list(found) == RECORDS[: len(found)]
    assert len(found) >= 10


def test_a_fault_that_reading_does_not_meet_is_refused_before_anything_is_written(folded: Path) -> None:
    """A wrong pointer to the free space of a page: only writing follows it."""
    with TemporaryDirectory() as folder:
        path = copied(folded, Path(folder))
        whole = path.read_bytes()
        leaf = next(at for at in range(len(whole) - 4096, 0, -4096) if whole[at] == LEAF)
        flip(path, leaf + 1, 1)

        assert list(read_journal_file(path)) == RECORDS
        with pytest.raises(JournalError, match="it is damaged"):
            opened(path, "more")
        assert list(read_journal_file(path)) == RECORDS
