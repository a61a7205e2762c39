"""Every file that is no journal, and every place where one cannot be."""

from __future__ import annotations

import errno
import os
import sqlite3
import sys
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest

from journey_async import JournalError
from journey_async.journal_file import APPLICATION, read_journal_file
from tests.journal.files import beside, execute, opened

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="what Windows does not have")


def refusals(path: Path) -> list[str]:
    """Give what is said when a file is opened, and when it is read."""
    said: list[str] = []
    for use in (opened, read_journal_file):
        with pytest.raises(JournalError) as caught:
            use(path)
        assert caught.value.file == os.fspath(path)
        said.append(str(caught.value).removeprefix(f"journal {path}: "))
    return said


def made(path: Path, *statements: str) -> None:
    opened(path, "one")
    execute(path, *statements)


def write_text(path: Path) -> None:
    path.write_text("[nodes.grid]\n" * 100)


def write_another_database(path: Path) -> None:
    execute(path, "CREATE TABLE log (n INTEGER PRIMARY KEY, record TEXT, sum INTEGER)")


def write_a_marked_database(path: Path) -> None:
    execute(path, "PRAGMA user_version = 1")


def write_a_newer_journal(path: Path) -> None:
    made(path, "PRAGMA user_version = 2")


def write_an_older_journal(path: Path) -> None:
    made(path, "PRAGMA user_version = 0")


def write_a_journal_without_log(path: Path) -> None:
    made(path, "DROP TABLE log")


def write_a_journal_with_a_hole(path: Path) -> None:
    made(path, "INSERT INTO log VALUES (3, 'three', 0)")


def write_a_journal_that_was_edited(path: Path) -> None:
    made(path, "UPDATE log SET record = 'two'")


def write_a_journal_of_halves(path: Path) -> None:
    made(path, "UPDATE log SET record = CAST(x'ff' AS TEXT), sum = 4278190080")


@pytest.mark.parametrize(
    ("write", "said"),
    [
        (write_text, "it is not a journal: name another file (SQLite: file is not a database)"),
        (write_another_database, "it is a database of another program: name another file"),
        (write_a_marked_database, "it is a database of another program: name another file"),
        (
            write_a_newer_journal,
            "it was written by a newer journey-async (format 2, this one knows 1): update this one",
        ),
        (write_an_older_journal, "it is damaged: take it from a copy, or begin another file"),
        (
            write_a_journal_without_log,
            "its tables are not those of a journal: take it from a copy, or begin another file",
        ),
        (write_a_journal_with_a_hole, "it is damaged: take it from a copy, or begin another file"),
        (write_a_journal_that_was_edited, "it is damaged: take it from a copy, or begin another file"),
        (write_a_journal_of_halves, "'utf-8' codec can't decode byte 0xff in position 0: invalid start byte"),
        (Path.mkdir, "it is a folder: name a file in it"),
        pytest.param(os.mkfifo, "it is not a regular file: name another one", marks=POSIX),
    ],
)
def test_what_is_no_journal_is_refused_and_left_as_it_is(
    tmp_path: Path, write: Callable[[Path], None], said: str
) -> None:
    path = tmp_path / "elk.db"
    write(path)
    before = path.read_bytes() if path.is_file() else b""

    assert refusals(path) == [said, said]
    assert (path.read_bytes() if path.is_file() else b"") == before


def test_a_path_that_names_no_possible_file_is_refused(tmp_path: Path) -> None:
    assert refusals(tmp_path / "nowhere" / "elk.db") == ["its folder does not exist: make the folder first"] * 2
    assert ["embedded null" in said for said in refusals(tmp_path / "e\0k.db")] == [True, True]
    assert refusals(tmp_path / ("x" * 300)) == [os.strerror(errno.ENAMETOOLONG)] * 2


def test_a_file_that_is_not_there_cannot_be_read_and_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match=r"elk\.db: there is no such file"):
        read_journal_file(tmp_path / "elk.db")
    assert list(tmp_path.iterdir()) == []


def test_an_empty_file_is_an_empty_journal(tmp_path: Path) -> None:
    (tmp_path / "elk.db").touch()

    assert read_journal_file(tmp_path / "elk.db") == ()
    assert opened(tmp_path / "elk.db", "one") == ()
    assert read_journal_file(tmp_path / "elk.db") == ("one",)


def test_a_lock_file_that_is_none_is_refused_by_its_name(tmp_path: Path) -> None:
    write_text(tmp_path / "elk.db-lock")

    with pytest.raises(JournalError, match=r"elk\.db-lock: it is not a journal: name another file"):
        opened(tmp_path / "elk.db")


def test_a_journal_says_in_its_header_what_it_is(tmp_path: Path) -> None:
    opened(tmp_path / "elk.db")
    with closing(sqlite3.connect(tmp_path / "elk.db")) as connection:
        assert connection.execute("PRAGMA application_id").fetchone() == (APPLICATION,)
        assert connection.execute("PRAGMA user_version").fetchone() == (1,)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)


# --- without permission


@contextmanager
def forbidden(folder: Path) -> Generator[None]:
    """Take away the right to write into a folder, from root too."""
    root = os.geteuid() == 0
    folder.chmod(0o555)
    if root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)
        folder.chmod(0o755)


@POSIX
def test_a_folder_without_permission_lets_a_journal_be_read_and_not_written() -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        opened(folder / "elk.db", "one")
        beside(folder / "elk.db", "-lock").unlink()
        # A new journal is its owner's alone, and this test looks at it as somebody else.
        (folder / "elk.db").chmod(0o644)
        with forbidden(folder):
            assert read_journal_file(folder / "elk.db") == ("one",)
            with pytest.raises(JournalError, match=r"elk\.db-lock: it cannot be opened: its folder must exist"):
                opened(folder / "elk.db")


@POSIX
def test_a_file_without_permission_is_neither_written_nor_read() -> None:
    with TemporaryDirectory() as name:
        path = Path(name, "elk.db")
        opened(path, "one")
        beside(path, "-lock").chmod(0o666)
        path.chmod(0o444)
        with forbidden(path.parent), pytest.raises(JournalError, match="it cannot be written: allow that"):
            opened(path)
        path.chmod(0)
        with forbidden(path.parent), pytest.raises(JournalError, match="it cannot be opened"):
            read_journal_file(path)
