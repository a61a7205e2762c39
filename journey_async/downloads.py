"""Results to files: fetched side by side, resumed where they were cut, and whole or not there at all."""

from __future__ import annotations

from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self, TypeAlias

import anyio
import anyio.lowlevel
from attrs import evolve, field
from attrs.validators import ge, gt

from journey_async.core.download_defaults import AT_ONCE, DEFAULT_NAME, LARGEST
from journey_async.core.file_names import name_template
from journey_async.core.kinds import Grid, Result, Videos
from journey_async.core.media import PICTURES, VIDEOS
from journey_async.core.retrying import RetryPolicy
from journey_async.errors import DownloadError, Fault, InvalidRequestError
from journey_async.file_download import FileDownload, MediaFile
from journey_async.media_host import MediaHost
from journey_async.values import frozen

if TYPE_CHECKING:
    import os
    from collections.abc import AsyncGenerator, Iterable, Iterator, Sequence

    from journey_async.core.events import NodeFinished

SILENCE: Final = 30.0
"""Seconds without a byte after which a connection is given up."""
SHOWN: Final = 10
"""How many failures a message tells one by one."""


@frozen(kw_only=True)
class Wanted:
    """A result whose files are wanted, and what their names may tell about it."""

    result: Result
    prompt: str | None = None
    """What `{prompt}` stands for; the action where it is not known."""
    action: str | None = None
    """What `{action}` stands for; the task type that the service tells, or `task`, where it is not known."""
    key: str | None = None
    """What `{key}` stands for; the task id where it is not known."""

    @classmethod
    def of_node(cls, row: NodeFinished[Any]) -> Self:
        """Want the files of a finished node, named by what it asked."""
        node, prompt = row.node, row.node.fields.get("prompt")
        return cls(
            result=row.result,
            prompt=prompt if isinstance(prompt, str) else None,
            action=None if node.make is None else node.name,
            key=node.key,
        )


Results: TypeAlias = "Result | Wanted | Iterable[Result | Wanted]"


@frozen(kw_only=True)
class DownloadProgress:
    """How far one file is."""

    task_id: str
    n: str
    """Which file of the task: `1` to `4` as the index of an action, or `sheet`."""
    received: int = 0
    """Bytes that have come; fewer than `total` in the end for a file that was here already."""
    total: int | None = None
    """Bytes of the whole file, where its host tells."""
    path: Path | None = None
    """Where the file stands, once it is whole."""
    error: DownloadError | None = None
    """Why it will not come."""
    ended: int = 0
    """How many files of the call have ended, this one included if it has."""
    files: int = 1
    """How many files the call is about."""

    @property
    def done(self) -> bool:
        """Whether this file is whole or will not come."""
        return self.path is not None or self.error is not None


@frozen(kw_only=True)
class Downloader:
    """Fetches the files of results, each with the same patience and within the same limits.

    Links are followed as they are, signatures untouched, through five redirects at the most. Nothing of the service's
    goes with them: no key and no cookie.
    """

    retry: RetryPolicy = field(factory=RetryPolicy)
    """Its patience starts with the first failure, and again with every byte that comes after one."""
    proxy: str | None = field(default=None, repr=False)
    """None: what the environment says. An empty text: none."""
    strict: bool = False
    """Whether hosts must have public addresses. Not by default: sandboxes and hosts of one's own have others."""
    at_once: int = field(default=AT_ONCE, validator=ge(1))
    """How many files are fetched at the same time."""
    largest: int = field(default=LARGEST, validator=ge(1))
    """Bytes of one file, counted as they arrive; a larger one is refused."""
    silence: float = field(default=SILENCE, validator=gt(0))
    """Seconds without a byte after which a connection is given up."""

    async def download(
        self, results: Results, folder: str | os.PathLike[str], *, name: str = DEFAULT_NAME, sheet: bool = False
    ) -> tuple[Path, ...]:
        """Fetch every file of one or several results into *folder* and tell where they are, in the results' order.

        A grid has four files, its tiles, and with *sheet* a fifth, the 2x2 sheet, whose `{n}` is `sheet`; videos are
        four, a picture is one. *name* may have folders of its own; only its slashes make folders.

        A file appears under its name when it is whole, never over another: a number is put behind a name that is taken.
        A file of this name that has the length and the beginning of what is to be fetched is taken for it. What is not
        whole is in `journey-….part` meanwhile, which is resumed after a cut and removed when the call ends, also by
        cancellation; only a process that is killed leaves it.

        Raises `InvalidRequestError` for text results and a wrong *name*, before anything is sent, and `DownloadError`
        once all other files are there; `ConfigurationError` for a proxy that is none.
        """
        async with self.downloading(results, folder, name=name, sheet=sheet) as progress:
            async for _ in progress:
                pass
        return progress.paths

    @asynccontextmanager
    async def downloading(
        self, results: Results, folder: str | os.PathLike[str], *, name: str = DEFAULT_NAME, sheet: bool = False
    ) -> AsyncGenerator[Downloading]:
        """Do what `download` does and give an iterator over the progress; leaving the block stops what is left.

        The last value of each file has its path or its error. The iterator raises `DownloadError` after the last value
        of all if a file did not come. It may be read slowly: what was not read is replaced by what is newer.
        """
        files = _files(results, Path(folder), name, sheet=sheet)
        progress = Downloading(files)
        raised: list[Exception] = []
        host = MediaHost(connections=self.at_once, proxy=self.proxy, strict=self.strict, silence=self.silence)
        async with host, anyio.create_task_group() as group:
            waiting = iter(enumerate(files))
            for number in range(min(self.at_once, len(files))):
                group.start_soon(self._work, host, waiting, progress, name=f"download worker {number}")
            try:
                yield progress
            except Exception as error:  # noqa: BLE001 - raised below: the group would wrap it
                raised.append(error)
            group.cancel_scope.cancel()
        if raised:
            raise raised[0]

    async def _work(self, host: MediaHost, waiting: Iterator[tuple[int, MediaFile]], progress: Downloading) -> None:
        for place, file in waiting:
            tell = partial(progress.tell, place)
            try:
                path = await FileDownload(host, file, retry=self.retry, largest=self.largest, tell=tell).run()
            except DownloadError as error:
                progress.fail(place, error)
            else:
                progress.end(place, path)


class Downloading:
    """The progress of one call, as an async iterator: each value is the newest of its file."""

    def __init__(self, files: Sequence[MediaFile]) -> None:
        self._states = [DownloadProgress(task_id=file.task_id, n=file.n, files=len(files)) for file in files]
        self._ended = 0
        self._news: dict[int, DownloadProgress] = {}
        self._changed = anyio.Event()

    @property
    def paths(self) -> tuple[Path, ...]:
        """Where the files are that are whole by now, in the order of the results."""
        return tuple(state.path for state in self._states if state.path is not None)

    def tell(self, place: int, received: int, total: int | None) -> None:
        """Note what is here of the file number *place*."""
        self._note(place, evolve(self._states[place], received=received, total=total, ended=self._ended))

    def end(self, place: int, path: Path) -> None:
        """Note that the file number *place* is whole."""
        self._ended += 1
        self._note(place, evolve(self._states[place], path=path, ended=self._ended))

    def fail(self, place: int, error: DownloadError) -> None:
        """Note that the file number *place* will not come."""
        self._ended += 1
        self._note(place, evolve(self._states[place], error=error, ended=self._ended))

    def _note(self, place: int, state: DownloadProgress) -> None:
        self._states[place] = self._news[place] = state
        self._changed.set()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> DownloadProgress:
        await anyio.lowlevel.checkpoint()
        while not self._news:
            if self._ended == len(self._states):
                self._raise_failures()
                raise StopAsyncIteration
            if self._changed.is_set():
                self._changed = anyio.Event()
            await self._changed.wait()
        return self._news.pop(next(iter(self._news)))

    def _raise_failures(self) -> None:
        failures = [state.error for state in self._states if state.error is not None]
        if len(failures) == 1:
            raise failures[0]
        if failures:
            lines = "".join(f"\n  - {error}" for error in failures[:SHOWN])
            more = f"\n  - and {len(failures) - SHOWN} more, see failures" if len(failures) > SHOWN else ""
            message = f"{len(failures)} of {len(self._states)} files were not downloaded:{lines}{more}"
            raise DownloadError(message, failures=failures)


def _files(results: Results, folder: Path, name: str, *, sheet: bool) -> list[MediaFile]:
    """List the files to fetch. Raises `InvalidRequestError`."""
    several = (results,) if isinstance(results, (Result, Wanted)) else results
    given = [each if isinstance(each, Wanted) else Wanted(result=each) for each in several]
    template = name_template(name)
    faults = [fault for wanted in given if (fault := _without_files(wanted.result))]
    if isinstance(template, Fault):
        faults.append(template)
    if isinstance(template, Fault) or faults:
        raise InvalidRequestError("download", faults)
    return [
        MediaFile(
            url=url,
            task_id=wanted.result.task_id,
            n=n,
            types=VIDEOS if isinstance(wanted.result, Videos) else PICTURES,
            folder=folder,
            name=template,
            values=_values(wanted, n),
        )
        for wanted in given
        for n, url in _links(wanted.result, sheet=sheet)
    ]


def _without_files(result: object) -> Fault | None:
    if isinstance(result, Result) and result.urls:
        return None
    what = result.label if isinstance(result, Result) else "what was given"
    message = f"{what} has no files: download the result of a grid, a picture or a video task"
    return Fault(argument="result", value=result, message=message)


def _links(result: Result, *, sheet: bool) -> list[tuple[str, str]]:
    links = [(str(n), url) for n, url in enumerate(result.urls, start=1)]
    if sheet and isinstance(result, Grid):
        links.append(("sheet", result.original_image_url))
    return links


def _values(wanted: Wanted, n: str) -> dict[str, str]:
    result = wanted.result
    action = wanted.action or str(result.raw.get("task_type") or "task")
    return {
        "prompt": wanted.prompt or action,
        "task_id": result.task_id,
        "action": action,
        "key": wanted.key or result.task_id,
        "n": n,
    }
