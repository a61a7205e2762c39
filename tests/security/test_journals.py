"""A journal from a stranger runs nothing, and a journal of one's own is one's own."""

from __future__ import annotations

import os
import sqlite3
import stat
import sys
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from journey_async.errors import JournalError
from journey_async.journal_file import JournalFile, read_journal_file

if TYPE_CHECKING:
    from pathlib import Path

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="there are no permissions of this kind on Windows")
ENDLESS = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT n, 'x' AS record, 0 AS sum FROM c"
HOSTILE = {
    "a trigger": ("CREATE TRIGGER t AFTER INSERT ON log BEGIN DELETE FROM log; END",),
    "a trigger of the holder": ("CREATE TRIGGER t BEFORE INSERT ON meta BEGIN DELETE FROM log; END",),
    "a view that never ends": ("DROP TABLE log", f"CREATE VIEW log AS {ENDLESS}"),
    "a holder that never ends": ("DROP TABLE meta", f"CREATE VIEW meta AS {ENDLESS}"),
    "a computed column": (
        "DROP TABLE log",
        "CREATE TABLE log (n INTEGER PRIMARY KEY, record TEXT, sum INTEGER, x AS (zeroblob(1000000000)))",
    ),
    "an index that computes": ("CREATE INDEX i ON log(hex(record))",),
    "another table": ("CREATE TABLE spy (x)",),
}


def kept(path: Path, *records: str) -> None:
    log = JournalFile(path)
    log.append(list(records))
    log.close()


@pytest.mark.parametrize("statements", HOSTILE.values(), ids=HOSTILE)
def test_a_journal_with_anything_but_its_tables_is_refused_before_it_is_read(
    statements: tuple[str, ...], tmp_path: Path
) -> None:
    """By readers and writers, at once, and what stands in the file stays as it was."""
    path = tmp_path / "elk.db"
    kept(path, "one")
    with closing(sqlite3.connect(path)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()
    before = path.read_bytes()

    for use in (read_journal_file, JournalFile):
        with pytest.raises(JournalError, match="its tables are not those of a journal"):
            use(path)
    assert path.read_bytes() == before


def test_functions_that_act_are_switched_off_in_journals(tmp_path: Path) -> None:
    """The second wall, should the first one have a hole."""
    path = tmp_path / "elk.db"
    kept(path, "one")
    asked: list[str] = []
    real: Any = sqlite3.connect

    class Asked(sqlite3.Connection):
        def close(self) -> None:
            asked.append(str(self.execute("PRAGMA trusted_schema").fetchone()[0]))
            super().close()

    def connect(*args: Any, **options: Any) -> Any:
        return real(*args, factory=Asked, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sqlite3, "connect", connect)
        kept(path, "two")
        read_journal_file(path)
    assert set(asked) == {"0"}
    assert len(asked) >= 3


@POSIX
def test_a_new_journal_is_its_owners_alone(tmp_path: Path) -> None:
    """Whatever the umask: the file, its lock, and what SQLite writes beside it; a file that is there stays as it is."""
    old = os.umask(0)
    try:
        log = JournalFile(tmp_path / "elk.db")
        log.append(["one"])
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
        log.close()
        (tmp_path / "elk.db").chmod(0o640)
        kept(tmp_path / "elk.db", "two")
    finally:
        os.umask(old)

    assert {"elk.db", "elk.db-lock", "elk.db-wal"} <= set(modes)
    assert set(modes.values()) == {0o600}
    assert stat.S_IMODE((tmp_path / "elk.db").stat().st_mode) == 0o640


@POSIX
def test_a_symlink_at_the_path_never_overwrites_what_is_no_journal(tmp_path: Path) -> None:
    """It is followed, and what it leads to is left alone unless it is a journal or empty."""
    target = tmp_path / "settings"
    target.write_text("mine, and longer than the header of a database " * 10)
    (tmp_path / "elk.db").symlink_to(target)
    before = target.read_bytes()

    with pytest.raises(JournalError, match="it is not a journal"):
        JournalFile(tmp_path / "elk.db")
    assert target.read_bytes() == before


@POSIX
def test_what_is_no_regular_file_is_no_journal(tmp_path: Path) -> None:
    """Devices and pipes are not waited for, by readers or writers."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("/dev/zero")
    for name in ("pipe", "link"):
        for use in (read_journal_file, JournalFile):
            with pytest.raises(JournalError, match="it is not a regular file"):
                use(tmp_path / name)
