"""The SQLite file that a journal is: opened, locked, checked, appended to. The only database code of the library."""

from __future__ import annotations

import errno
import os
import platform
import sqlite3
import zlib
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

from journey_async.errors import JournalBusyError, JournalError

if TYPE_CHECKING:
    from collections.abc import Generator

FilePath: TypeAlias = str | os.PathLike[str]

APPLICATION: Final = 0x4A524E59
"""Marks an SQLite file as a journal of this library: "JRNY"."""
SCHEMA: Final = 1
LOCK_SUFFIX: Final = "-lock"
PATIENCE: Final = 5.0
"""Seconds to wait for another program that has the file locked for a moment."""


_TABLES: Final = {
    "log": "(n INTEGER PRIMARY KEY, record TEXT NOT NULL, sum INTEGER NOT NULL)",
    "meta": "(name TEXT PRIMARY KEY, value TEXT NOT NULL)",
}
_OUR_PARTS: Final = {
    *(("table", name, f"CREATE TABLE {name} {columns}") for name, columns in _TABLES.items()),
    ("index", "sqlite_autoindex_meta_1", None),
}


def read_journal_file(path: FilePath) -> tuple[str, ...]:
    """Read the records of a journal without writing it, also while a run does. Raises `JournalError`. Blocks."""
    with explained(path):
        file = _checked(path)
        if not file.exists():
            raise JournalError(os.fspath(path), "there is no such file")
        try:
            with closing(_connected(file, mode="ro")) as connection:
                return _read(connection, path)[0]
        except sqlite3.OperationalError as error:
            if _code(error) != sqlite3.SQLITE_READONLY:
                raise
        # A writer was killed in the middle of something that the next one to open the file has to take back.
        with closing(_connected(file, mode="rw")) as connection:
            return _read(connection, path)[0]


class JournalFile:
    """The open file, locked against other writers."""

    def __init__(self, path: FilePath) -> None:
        with explained(path), ExitStack() as stack:
            file = _checked(path)
            stack.enter_context(closing(_locked(file, path)))
            self._connection = stack.enter_context(closing(_connected(file, mode="rwc")))
            self.records, self._sum = _read(self._connection, path)
            self._count = len(self.records)
            # A fault in the free space of a page shows when it is written. Takes an eighth of the time of reading.
            if self._connection.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
                raise JournalError(os.fspath(path), _DAMAGED)
            _prepare(self._connection)
            # As texts: they are looked at after every group of records, and a Path takes most of that time.
            self._paths = os.fspath(file), f"{os.fspath(file)}-wal"
            self._identities = [_identity(each) for each in self._paths]
            self._open = stack.pop_all()

    def append(self, records: list[str]) -> None:
        """Write and sync *records*, all or none. After an error the log can only be closed."""
        rows: list[tuple[int, bytes, int]] = []
        count, total = self._count, self._sum
        for record in records:
            # Any str is a record, also one with half a character: SQLite stores the bytes of a text as they are.
            stored = record.encode("utf-8", "surrogatepass")
            count, total = count + 1, zlib.crc32(stored, total)
            rows.append((count, stored, total))
        self._connection.execute("BEGIN IMMEDIATE")
        self._connection.executemany("INSERT INTO log VALUES (?, CAST(? AS TEXT), ?)", rows)
        self._connection.execute("COMMIT")
        # A deleted file can be written for ever, and nothing of it is found afterwards.
        if self._moved():
            raise FileNotFoundError(errno.ENOENT, "it was moved or deleted while it was in use")
        self._count, self._sum = count, total

    def close(self) -> None:
        """Fold everything into the one file and let go of it; what is committed is safe even if that fails."""
        with self._open, suppress(sqlite3.Error):
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            if not self._moved():
                self._connection.execute("DELETE FROM meta WHERE name = 'holder'")
                self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                # Without a WAL the file can be copied alone, and read where nothing can be written.
                self._connection.execute("PRAGMA journal_mode = DELETE")

    def _moved(self) -> bool:
        return [_identity(each) for each in self._paths] != self._identities


def _locked(file: Path, path: FilePath) -> sqlite3.Connection:
    """Take the lock of the one writer: it goes with the connection, and with the process however that dies.

    A transaction on an empty database beside the journal: SQLite's locks are those of the operating system everywhere,
    and they exclude the same process too, what fcntl's alone do not. RESERVED and not EXCLUSIVE: of two that ask at the
    same moment exactly one gets it. The file stays: deleting it would let a third make a new one.
    """
    beside = file.with_name(file.name + LOCK_SUFFIX)
    with explained(beside), ExitStack() as stack:
        lock = stack.enter_context(closing(_connected(beside, mode="rwc", patience=0)))
        try:
            lock.execute("PRAGMA journal_mode = MEMORY")  # nothing is written, so no third file is needed
            lock.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as error:
            if not _is_busy(error):
                raise
            holder = _holder(file)
            what = f"it is being written by {holder or 'another process'}: wait for its end, or name another file"
            raise JournalBusyError(os.fspath(path), what, holder=holder) from error
        stack.pop_all()
        return lock


def _holder(file: Path) -> str | None:
    try:
        with closing(_connected(file, mode="ro", patience=0)) as connection:
            if _parts(connection) != _OUR_PARTS:
                return None
            row = connection.execute("SELECT value FROM meta WHERE name = 'holder'").fetchone()
    except sqlite3.Error:
        return None
    return str(row[0]) if row else None


def _checked(path: FilePath) -> Path:
    """Give the real file of *path*, where the lock and SQLite's own files stand too."""
    file = Path(os.path.realpath(path))
    if not file.parent.is_dir():
        raise JournalError(os.fspath(path), "its folder does not exist: make the folder first")
    if file.is_dir():
        raise JournalError(os.fspath(path), "it is a folder: name a file in it")
    if file.exists() and not file.is_file():
        raise JournalError(os.fspath(path), "it is not a regular file: name another one")
    return file


def _connected(file: Path, *, mode: str, patience: float = PATIENCE) -> sqlite3.Connection:
    if mode == "rwc":
        # A journal holds prompts: a new one is its owner's alone. SQLite gives its files beside it the same rights.
        # Never one that is there: to close it would give up the locks that this process has on it. SQLite says it
        # better if none can be made.
        with suppress(OSError):
            os.close(os.open(file, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    connection = sqlite3.connect(f"{file.as_uri()}?mode={mode}", uri=True, timeout=patience, isolation_level=None)
    # What stands in the schema of a file from a stranger may compute, and may not act.
    connection.execute("PRAGMA trusted_schema = OFF")
    return connection


def _read(connection: sqlite3.Connection, path: FilePath) -> tuple[tuple[str, ...], int]:
    """Give all records and the checksum over them; each row holds that of all rows up to its own.

    It finds what SQLite's own checks do not: pages of another age, or zeros, in a file that was not copied whole.
    """
    records: list[str] = []
    total = 0
    if _is_journal(connection, path):
        for row in connection.execute("SELECT n, CAST(record AS BLOB), sum FROM log ORDER BY n"):
            stored = row[1] or b""
            total = zlib.crc32(stored, total)
            records.append(stored.decode("utf-8", "surrogatepass"))
            if (row[0], row[2]) != (len(records), total):
                raise JournalError(os.fspath(path), _DAMAGED)
    return tuple(records), total


def _is_journal(connection: sqlite3.Connection, path: FilePath) -> bool:
    """Tell a journal from an empty file. Raises `JournalError` for anything else."""
    application, version = (
        connection.execute(question).fetchone()[0] for question in ("PRAGMA application_id", "PRAGMA user_version")
    )
    parts = _parts(connection)
    if (application, version, parts) == (0, 0, set()):
        return False
    if application != APPLICATION:
        raise JournalError(os.fspath(path), "it is a database of another program: name another file")
    if version > SCHEMA:
        what = f"it was written by a newer journey-async (format {version}, this one knows {SCHEMA}): update this one"
        raise JournalError(os.fspath(path), what)
    if version != SCHEMA:
        raise JournalError(os.fspath(path), _DAMAGED)
    if parts != _OUR_PARTS:
        # A view computes for as long as its author likes when it is read; a trigger writes what it likes.
        raise JournalError(os.fspath(path), _STRANGE)
    return True


def _parts(connection: sqlite3.Connection) -> set[tuple[str, str, str | None]]:
    """Give the tables and whatever else a file consists of, with the statements that made them."""
    return set(connection.execute("SELECT type, name, sql FROM sqlite_master"))


def _prepare(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    # On macOS an ordinary sync stops at the drive's own memory; elsewhere this does nothing.
    connection.execute("PRAGMA fullfsync = ON")
    connection.execute("BEGIN IMMEDIATE")
    connection.execute(f"PRAGMA application_id = {APPLICATION}")
    connection.execute(f"PRAGMA user_version = {SCHEMA}")
    for name, columns in _TABLES.items():
        connection.execute(f"CREATE TABLE IF NOT EXISTS {name} {columns}")
    holder = f"process {os.getpid()} on {platform.node()}"
    connection.execute("INSERT OR REPLACE INTO meta VALUES ('holder', ?)", (holder,))
    connection.execute("COMMIT")


def _identity(path: str) -> tuple[int, int] | None:
    try:
        found = os.stat(path)  # noqa: PTH116 - a Path would be made for each
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


@contextmanager
def explained(path: FilePath) -> Generator[None]:
    """Make what goes wrong with the file a `JournalError` that says what to do."""
    try:
        yield
    except (OSError, ValueError, sqlite3.Error) as error:
        kind = JournalBusyError if _is_busy(error) else JournalError
        raise kind(os.fspath(path), what_is_wrong(error)) from error


def _is_busy(error: Exception) -> bool:
    return _code(error) == sqlite3.SQLITE_BUSY


def _code(error: Exception) -> int:
    """Give the kind of an error of SQLite, 0 for any other."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def what_is_wrong(error: Exception) -> str:
    """Say what an error means, and what to do."""
    said = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    meaning = _MEANINGS.get(_code(error))
    return said if meaning is None else f"{meaning} (SQLite: {said})"


_DAMAGED: Final = "it is damaged: take it from a copy, or begin another file"
_STRANGE: Final = "its tables are not those of a journal: take it from a copy, or begin another file"
_MEANINGS: Final = {
    sqlite3.SQLITE_BUSY: "another program keeps it locked: close that program",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened: its folder must exist, and you must be allowed to write there",
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_FULL: "the disk is full: make room, then run it again",
    sqlite3.SQLITE_IOERR: "the disk refuses it: see that it has room and is in order, then run it again",
    sqlite3.SQLITE_NOTADB: "it is not a journal: name another file",
    sqlite3.SQLITE_READONLY: "it cannot be written: allow that, or name another file",
}
