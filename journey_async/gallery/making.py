"""From a journal to a gallery: once, or again and again while a run goes on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

import anyio
import anyio.to_thread
from attrs import frozen

from journey_async.cluster.address import Cluster
from journey_async.core.records import decode
from journey_async.errors import JournalBusyError
from journey_async.gallery.model import show
from journey_async.gallery.page import Pages
from journey_async.gallery.pictures import AT_A_TIME, Pictures
from journey_async.gallery.writing import check_folder, write_page
from journey_async.planning import plan
from journey_async.runs import name_of, read_records

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from journey_async.core.kinds import Result
    from journey_async.core.outcome import Outcome
    from journey_async.downloads import Downloader
    from journey_async.gallery.model import Show
    from journey_async.journal_file import FilePath

INTERVAL: Final = 1.0
"""Seconds between two looks at a journal that is followed."""


@frozen(kw_only=True)
class Written:
    """A gallery that was written."""

    page: Path
    """The file to open in a browser."""
    outcome: Outcome
    """What came of the run so far."""
    pictures: int
    """How many files of results are in the folder."""
    failures: tuple[str, ...]
    """Why files are not there, one text for each."""


async def write_gallery(
    journal: FilePath | Cluster,
    folder: FilePath,
    /,
    *,
    downloader: Downloader | None = None,
    tell: Callable[[int, int], None] | None = None,
) -> Written:
    """Write the runs of a *journal* as a page into *folder*, with every picture; pictures that are there are kept.

    The folder needs no network and no server: `index.html` opens from the file system. The journal is only read, also
    while a run writes it. A picture that cannot be fetched is shown with the reason. *tell* is called with how many
    files are dealt with, and of how many.

    Raises `JournalError`, `InvalidRequestError` for a folder that holds another page, and OSError if it cannot be
    written.
    """
    maker = await _maker(journal, folder, downloader)
    seen = await maker.read()
    await maker.pictures.fetch(seen.results, tell=tell)
    return await maker.write(seen, live=False)


async def watch_gallery(
    journal: FilePath | Cluster,
    folder: FilePath,
    /,
    *,
    downloader: Downloader | None = None,
    tell: Callable[[Written], None] | None = None,
    interval: float = INTERVAL,
) -> Written:
    """Write a *journal* as a page, and anew whenever it has grown, until every node has ended; an open page follows.

    What is below a node in doubt counts as ended, because it waits for a decision; a request that was marked by the
    newest run and has no answer may still get one. Cancelling ends it before, and leaves a whole page that looks for no
    more news. *tell* is called after each writing; *interval* is the seconds between two looks.

    Raises like `write_gallery`.
    """
    maker = await _maker(journal, folder, downloader)
    seen = await maker.read()
    try:
        while True:
            written = await maker.write(seen, live=True)
            if tell is not None:
                tell(written)
            # A few at a time, so that the page does not wait for all of them.
            if await maker.pictures.fetch(seen.results, most=AT_A_TIME):
                seen = await maker.read_again(seen)
            elif seen.over:
                break
            else:
                seen = await maker.wait_for_news(seen, interval)
    finally:
        with anyio.CancelScope(shield=True):
            written = await maker.write(seen, live=False)
    return written


# ---------------------------------------------------------------------------------------------------------------------


@frozen(kw_only=True)
class _Seen:
    """A journal as it was at one moment."""

    outcome: Outcome
    show: Show
    sending: bool
    """Whether the answer to a request may still come."""
    stamp: _Stamp
    """Of the journal, taken before it was read."""

    @property
    def over(self) -> bool:
        """Whether every node has ended."""
        return self.show.over and not self.sending

    @property
    def results(self) -> tuple[Result, ...]:
        """The results that have files."""
        return tuple(row.result for row in self.outcome.finished if row.result.urls)


@frozen(kw_only=True)
class _Maker:
    """Reads one journal and writes one folder."""

    journal: Path | Cluster
    folder: Path
    pictures: Pictures
    pages: Pages

    async def read(self) -> _Seen:
        """Read the journal. Raises `JournalError`."""
        stamp = await _stamp(self.journal)
        records = await read_records(self.journal)
        planned = await plan(None, records, file=name_of(self.journal), to_send=False)
        outcome = planned.state.outcome()
        title = self.journal.run if isinstance(self.journal, Cluster) else self.journal.stem

        def shown() -> Show:
            return show(outcome, tuple(map(decode, records)), title=title)

        shows = await anyio.to_thread.run_sync(shown)
        return _Seen(outcome=outcome, show=shows, sending=planned.state.history.sending, stamp=stamp)

    async def read_again(self, seen: _Seen) -> _Seen:
        """Read the journal if it has changed; one that is busy is as it was."""
        if await _stamp(self.journal) == seen.stamp:
            return seen
        try:
            return await self.read()
        except JournalBusyError:
            return seen

    async def wait_for_news(self, seen: _Seen, interval: float) -> _Seen:
        """Look at the journal until it has changed."""
        news = seen
        while news is seen:
            await anyio.sleep(interval)
            news = await self.read_again(seen)
        return news

    async def write(self, seen: _Seen, *, live: bool) -> Written:
        """Write what was read, with the pictures that are here."""
        shots = await self.pictures.shots(seen.results)

        def written() -> Path:
            return write_page(self.folder, self.pages.page(seen.show, shots, live=live))

        page = await anyio.to_thread.run_sync(written)
        return Written(page=page, outcome=seen.outcome, pictures=self.pictures.fetched, failures=self.pictures.failures)


_Stamp: TypeAlias = tuple[tuple[int, int, int] | int | None, ...]
"""By what a journal can be known to have changed."""


async def _maker(journal: FilePath | Cluster, folder: FilePath, downloader: Downloader | None) -> _Maker:
    target = Path(folder)
    await anyio.to_thread.run_sync(check_folder, target)
    # In a thread: the templates are read from disk.
    pages = await anyio.to_thread.run_sync(Pages)
    pictures = Pictures(target, downloader=downloader)
    found = journal if isinstance(journal, Cluster) else Path(journal)
    return _Maker(journal=found, folder=target, pictures=pictures, pages=pages)


async def _stamp(journal: Path | Cluster) -> _Stamp:
    if isinstance(journal, Cluster):
        return (await _records_of(journal),)
    return await anyio.to_thread.run_sync(_stamps, (journal, journal.with_name(f"{journal.name}-wal")))


async def _records_of(cluster: Cluster) -> int | None:
    from journey_async.cluster.database import Database  # noqa: PLC0415 - what it needs is an extra
    from journey_async.cluster.store import Store  # noqa: PLC0415 - what it needs is an extra

    async with Database(cluster, patient=False) as database:
        await database.check()
        kept = await database.call(Store.run, cluster.run)
    return None if kept is None else kept.records


def _stamps(files: Iterable[Path]) -> _Stamp:
    """Tell of each file. Blocks."""
    return tuple(map(_stamp_of, files))


def _stamp_of(file: Path) -> tuple[int, int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns
