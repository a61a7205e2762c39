"""The journal of a run: a file that records are appended to, written by a thread of its own."""

# asyncio's futures are used because the writer thread wakes many waiters at once, with one `call_soon_threadsafe` for a
# group of records. `anyio.from_thread` would block that thread until the loop answers, for ever if the loop is gone.

from __future__ import annotations

import asyncio
import os
import queue
import threading
from contextlib import asynccontextmanager, closing, suppress
from typing import TYPE_CHECKING, Self, TypeAlias, TypeVar

import anyio
import anyio.to_thread

from journey_async.errors import JournalError
from journey_async.journal_file import FilePath, JournalFile, what_is_wrong

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

T = TypeVar("T")
Entry: TypeAlias = tuple[tuple[str, ...], asyncio.Future[bool] | None]


class Journal(anyio.AsyncContextManagerMixin):
    """An append-only file of records, open for one `async with` block and for one writer at a time."""

    records: tuple[str, ...] = ()
    """What the file held when it was opened, in order."""

    def __init__(self, path: FilePath, *, closing_seconds: float = 10.0) -> None:
        """Name the file, made if there is none, and how long leaving the block may wait for the disk."""
        self._path = path
        self._closing_seconds = closing_seconds
        self._entries: queue.SimpleQueue[Entry | None] = queue.SimpleQueue()
        self._open = False
        self._failure: Exception | None = None
        self._unwritten: list[str] = []

    @property
    def unwritten(self) -> tuple[str, ...]:
        """The records that are not known to be on disk after a failure, in order; complete when the block is left."""
        return tuple(self._unwritten)

    async def write(self, *records: str) -> None:
        """Return when *records* are on disk, synced; cancelled, it leaves them to be written. Raises `JournalError`."""
        turn: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._give(records, turn)
        if not await turn:
            raise JournalError(os.fspath(self._path), self._trouble()) from self._failure

    def put(self, *records: str) -> None:
        """Leave *records* to be written, at the latest when the block is left. Raises nothing, whatever happens."""
        self._give(records, None)

    def _give(self, records: tuple[str, ...], turn: asyncio.Future[bool] | None) -> None:
        if self._open:
            self._entries.put((records, turn))
            return
        self._unwritten += records
        if turn is not None:
            turn.set_result(False)

    @asynccontextmanager
    async def __asynccontextmanager__(self) -> AsyncGenerator[Self]:
        self._loop = asyncio.get_running_loop()
        opened: asyncio.Future[Exception | None] = self._loop.create_future()
        writer = threading.Thread(target=self._live, args=(opened,), name="journey-async journal")
        writer.start()
        try:
            _raise(await opened)
            self._open = True
            yield self
        except BaseException as error:
            await self._end(writer, cancelled=isinstance(error, asyncio.CancelledError))
            if self._unwritten or writer.is_alive():
                error.add_note(str(self._loss(writer)))
            raise
        await self._end(writer)
        if self._unwritten or writer.is_alive():
            raise self._loss(writer) from self._failure

    async def _end(self, writer: threading.Thread, *, cancelled: bool = False) -> None:
        self._open = False
        self._entries.put(None)
        with anyio.move_on_after(self._closing_seconds, shield=True):
            try:
                await _joined(writer)
            except asyncio.CancelledError:
                # asyncio's own cancellation comes through the shield: the first one waits until the file is let go of.
                if not cancelled:
                    await _joined(writer)
                raise

    def _trouble(self) -> str:
        return (
            "it is not open: use it inside of its `async with` block"
            if self._failure is None
            else what_is_wrong(self._failure)
        )

    def _loss(self, writer: threading.Thread) -> JournalError:
        if writer.is_alive():
            what = "the disk is slow: not everything is on it yet; the process writes the rest before it ends"
        else:
            what = f"{len(self._unwritten)} records are not on disk: {self._trouble()}"
        return JournalError(os.fspath(self._path), what, unwritten=self._unwritten)

    # --- what follows is run by the writer thread

    def _live(self, opened: asyncio.Future[Exception | None]) -> None:
        try:
            log = JournalFile(self._path)
        except Exception as error:  # noqa: BLE001 - raised by whoever opens the journal
            self._tell([opened], error)
            return
        with closing(log):
            self.records = log.records
            self._tell([opened], None)
            while self._commit_group(log):
                pass

    def _commit_group(self, log: JournalFile) -> bool:
        """Write what has gathered, in one transaction, and wake who waits for it; false after the last group."""
        entries = self._gathered()
        group = [entry for entry in entries if entry is not None]
        on_disk = self._commit(log, [record for records, _ in group for record in records])
        if turns := [turn for _, turn in group if turn is not None]:
            self._tell(turns, on_disk)
        return len(group) == len(entries)

    def _gathered(self) -> list[Entry | None]:
        while True:
            try:
                first = self._entries.get(timeout=1.0)
            except queue.Empty:
                # A loop that was dropped in the middle leaves no block: the interpreter waits for this thread alone.
                if threading.main_thread().is_alive():
                    continue
                return [None]
            return [first, *(self._entries.get() for _ in range(self._entries.qsize()))]

    def _commit(self, log: JournalFile, records: list[str]) -> bool:
        if records and self._failure is None:
            try:
                log.append(records)
            except Exception as error:  # noqa: BLE001 - whatever it is, those who wait are told
                self._failure = error
        if self._failure is not None:
            self._unwritten += records
        return self._failure is None

    def _tell(self, turns: list[asyncio.Future[T]], value: T) -> None:
        # RuntimeError: the loop is closed, nobody waits any more.
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(_resolve, turns, value)


async def _joined(writer: threading.Thread) -> None:
    # A limiter of its own: the caller's threads may all be taken, by work that waits for us.
    await anyio.to_thread.run_sync(writer.join, abandon_on_cancel=True, limiter=anyio.CapacityLimiter(1))


def _raise(error: Exception | None) -> None:
    if error is not None:
        raise error


def _resolve(turns: list[asyncio.Future[T]], value: T) -> None:
    for turn in turns:
        if not turn.done():
            turn.set_result(value)
