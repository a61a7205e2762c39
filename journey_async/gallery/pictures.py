"""The files of a gallery: every picture of a run fetched once, and a thumbnail of each."""

from __future__ import annotations

import hashlib
import re
from functools import partial
from typing import TYPE_CHECKING, Final, TypeVar
from urllib.parse import urlsplit

import anyio
import anyio.to_thread
from attrs import evolve, frozen

from journey_async.core.kinds import Picture, Videos
from journey_async.core.media import PICTURES, VIDEOS
from journey_async.core.retrying import RetryPolicy
from journey_async.downloads import Downloader, Wanted
from journey_async.errors import DownloadError
from journey_async.gallery.thumbnails import UnreadablePictureError, draw_thumbnail, picture_size

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from journey_async.core.kinds import Result
    from journey_async.gallery.thumbnails import Size

T = TypeVar("T")

MEDIA: Final = "media"
THUMBS: Final = "thumbs"
PATIENT: Final = RetryPolicy(patience=5.0, rate_limit_patience=60.0)
"""Less patient than a download that somebody asked for: links of old runs expire, and sandboxes are gone."""
AT_A_TIME: Final = 32
"""Files that are asked for together; if none of them finds its host, no further ones of that host are asked for."""
_PLAIN_ID = re.compile(r"[0-9a-z][0-9a-z-]{0,49}")
_MOVING: Final = frozenset({"mp4", "mov", "webm"})


@frozen(kw_only=True)
class File:
    """One file of a result, as the page shows it."""

    n: int
    """As the index of an action: 1 to 4, 1 for a single picture."""
    path: str | None = None
    """Relative to the page; None while it is not here."""
    size: Size | None = None
    """Width and height; None for a video that Pillow does not read, and for a picture that is damaged."""
    video: bool = False
    """Whether it needs a player; an animated picture does not."""
    why: str = ""
    """Why it is not here; empty while it is still to be fetched."""


@frozen(kw_only=True)
class Shot:
    """What the page shows of one result."""

    files: tuple[File, ...] = ()
    thumb: str | None = None
    """Relative to the page."""
    size: Size | None = None
    """Of the thumbnail."""
    why: str = ""
    """Why there is no thumbnail."""


@frozen(kw_only=True)
class _Missing:
    result: Result
    n: int
    url: str
    stem: str

    @property
    def host(self) -> str:
        try:
            return urlsplit(self.url).netloc
        except ValueError:
            return ""

    @property
    def wanted(self) -> Wanted:
        """What gives the downloader this one file, under the name that it has in the gallery."""
        if isinstance(self.result, Videos):
            return Wanted(result=Videos(task_id=self.stem, video_urls=(self.url,)))
        return Wanted(result=Picture(task_id=self.stem, image_url=self.url))


class Pictures:
    """The pictures in one folder. A file that would not come is not asked for again."""

    def __init__(self, folder: Path, *, downloader: Downloader | None = None) -> None:
        self._folder = folder
        self._downloader = downloader or Downloader(retry=PATIENT)
        self._here: dict[str, str] = {}
        self._why: dict[str, str] = {}
        self._shots: dict[str, Shot] = {}

    @property
    def fetched(self) -> int:
        """How many files are here that results asked for."""
        return len(self._here)

    @property
    def failures(self) -> tuple[str, ...]:
        """Why files are not here, one text for each."""
        return tuple(self._why.values())

    async def fetch(
        self, results: Iterable[Result], *, most: int | None = None, tell: Callable[[int, int], None] | None = None
    ) -> int:
        """Fetch what is not here of *results*, or the first *most* of it, and give how many files that was.

        *tell* is called with how many files are dealt with, and of how many. What cannot be fetched raises nothing.
        """
        missing = (await anyio.to_thread.run_sync(self._missing, tuple(results)))[:most]
        done = 0
        by_host: dict[str, list[_Missing]] = {}
        for each in missing:
            by_host.setdefault(each.host, []).append(each)
        for files in by_host.values():
            reached = False
            for batch in _batches(files, AT_A_TIME):
                reached = await self._fetch(batch, tell=partial(_told, tell, done, len(missing))) or reached
                done += len(batch)
                if not reached:
                    why = self._why[batch[-1].stem]
                    self._why |= {each.stem: why for each in files if each.stem not in self._here}
                    break
        return len(missing)

    async def _fetch(self, files: Sequence[_Missing], *, tell: Callable[[int], None]) -> bool:
        """Fetch *files* and tell whether their host answered at all."""
        reached = False
        wanted = [each.wanted for each in files]
        async with self._downloader.downloading(wanted, self._folder / MEDIA, name="{task_id}.{ext}") as progress:
            try:
                async for news in progress:
                    if news.path is not None:
                        reached = True
                        self._here[news.task_id] = f"{MEDIA}/{news.path.name}"
                    elif news.error is not None:
                        reached = reached or news.error.status is not None
                        self._why[news.task_id] = _reason(news.error)
                    if news.done:
                        tell(news.ended)
            except DownloadError:
                pass  # each of them was told by itself above
        return reached

    def _missing(self, results: Iterable[Result]) -> list[_Missing]:
        """Look which files are here, and give the others. Blocks."""
        there = {path.name for path in _listed(self._folder / MEDIA)}
        missing: list[_Missing] = []
        for result in results:
            kinds = sorted(VIDEOS if isinstance(result, Videos) else PICTURES)
            for n, url in enumerate(result.urls, start=1):
                stem = f"{stem_of(result.task_id)}-{n}"
                if stem in self._here or stem in self._why:
                    continue
                name = next((name for kind in kinds if (name := f"{stem}.{kind}") in there), None)
                if name is None:
                    missing.append(_Missing(result=result, n=n, url=url, stem=stem))
                else:
                    self._here[stem] = f"{MEDIA}/{name}"
        return missing

    # -----------------------------------------------------------------------------------------------------------------
    # What is shown

    async def shots(self, results: Iterable[Result]) -> dict[str, Shot]:
        """Give what is to be shown of *results*, by task id, drawing the thumbnails that are missing."""
        new = [result for result in results if result.urls and not self._is_final(result.task_id)]
        limiter = anyio.CapacityLimiter(4)

        async def draw(result: Result) -> None:
            self._shots[result.task_id] = await anyio.to_thread.run_sync(self._shot, result, limiter=limiter)

        for batch in _batches(new, 256):
            async with anyio.create_task_group() as group:
                for result in batch:
                    group.start_soon(draw, result)
        return dict(self._shots)

    def _is_final(self, task_id: str) -> bool:
        shot = self._shots.get(task_id)
        return shot is not None and all(file.path or file.why for file in shot.files)

    def _shot(self, result: Result) -> Shot:
        """Give what is to be shown of one result. Blocks."""
        stem = stem_of(result.task_id)
        files = tuple(self._file(f"{stem}-{n}", n) for n in range(1, len(result.urls) + 1))
        shot = Shot(files=files, why=next((file.why for file in files if file.why), ""))
        drawable = [file if file.size is not None else None for file in files]
        if isinstance(result, Videos):
            # One frame stands for all four.
            drawable = [next((file for file in drawable if file is not None), None)]
        if not any(drawable):
            return shot
        which = "".join(str(file.n) for file in drawable if file is not None)
        thumb = f"{THUMBS}/{stem}-{which}.webp"
        try:
            size = self._thumbnail([None if file is None else file.path for file in drawable], thumb)
        except UnreadablePictureError as error:
            return evolve(shot, why=str(error))
        return evolve(shot, thumb=thumb, size=size)

    def _file(self, stem: str, n: int) -> File:
        path = self._here.get(stem)
        if path is None:
            return File(n=n, why=self._why.get(stem, ""))
        if path.rpartition(".")[2] in _MOVING:
            return File(n=n, path=path, video=True)
        try:
            return File(n=n, path=path, size=picture_size(self._folder / path))
        except UnreadablePictureError as error:
            return File(n=n, path=path, why=str(error))

    def _thumbnail(self, sources: Sequence[str | None], thumb: str) -> Size:
        target = self._folder / thumb
        if target.exists():
            try:
                return picture_size(target)
            except UnreadablePictureError:
                pass  # it is drawn anew
        return draw_thumbnail([None if source is None else self._folder / source for source in sources], target)


def stem_of(task_id: str) -> str:
    """Give what the names of a task's files begin with: the same for the same id, another for any other."""
    if _PLAIN_ID.fullmatch(task_id):
        return task_id
    # Names of files must not depend on upper and lower case, and hold no sign that a system forbids.
    return f"task-{hashlib.sha256(task_id.encode(errors='surrogatepass')).hexdigest()[:32]}"


def _reason(error: DownloadError) -> str:
    # The error names the task and the link too, which stand beside it on the page or are none of its readers' business.
    said = error.message.partition(" was not downloaded: ")[2] or error.message
    return said.removesuffix(f" ({error.url})")


def _told(tell: Callable[[int, int], None] | None, before: int, total: int, ended: int) -> None:
    if tell is not None:
        tell(before + ended, total)


def _batches(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    return (items[start : start + size] for start in range(0, len(items), size))


def _listed(folder: Path) -> Iterator[Path]:
    return folder.iterdir() if folder.is_dir() else iter(())
