"""Cancelled wherever it is, a download leaves the whole file or none."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from anyio.lowlevel import checkpoint

from journey_async import DownloadError
from tests.downloads.media_server import cut, downloader, names, picture, redirect, status, stuck

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

    from tests.downloads.media_server import MediaServer

NAME = "elk.{ext}"
SIZE = 300_000


async def by_scope(download: Callable[[], Coroutine[Any, Any, None]], when: Callable[[], Awaitable[object]]) -> None:
    """Cancel as anyio does: everything inside a scope, again and again."""
    async with anyio.create_task_group() as group:
        group.start_soon(download)
        await when()
        group.cancel_scope.cancel()


async def by_task(download: Callable[[], Coroutine[Any, Any, None]], when: Callable[[], Awaitable[object]]) -> None:
    """Cancel as asyncio does: a task, once."""
    task = asyncio.ensure_future(download())
    await when()
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


EITHER_WAY = pytest.mark.parametrize("cancel", [by_scope, by_task])


@EITHER_WAY
async def test_after_any_number_of_turns_of_the_loop(server: MediaServer, tmp_path: Path, cancel: Any) -> None:
    seen: set[bool] = set()
    for turns in (*range(60), *range(60, 400, 7), *range(400, 20_000, 700)):
        result = server.picture(redirect("/t-1/0_0.png"), cut(100_000), size=SIZE)
        folder = tmp_path / str(turns)
        folder.mkdir()

        async def some_turns(turns: int = turns) -> None:
            for _ in range(turns):
                await checkpoint()

        async def download(result: Any = result, folder: Path = folder) -> None:
            await downloader().download(result, folder, name=NAME)

        await cancel(download, some_turns)
        whole = names(folder) == ["elk.png"]
        assert whole or names(folder) == []
        assert not whole or (folder / "elk.png").read_bytes() == picture(SIZE)
        seen.add(whole)
    assert seen == {True, False}


@EITHER_WAY
@pytest.mark.parametrize("phase", ["headers", "body", "the wait before it is repeated"])
async def test_while_it_waits(server: MediaServer, tmp_path: Path, cancel: Any, phase: str) -> None:
    plan = {
        "headers": stuck(0),
        "body": stuck(SIZE - 1),
        "the wait before it is repeated": status(503, Retry_After="3"),
    }
    result = server.picture(plan[phase], size=SIZE)

    async def download() -> None:
        await downloader().download(result, tmp_path, name=NAME)

    async def under_way() -> None:
        while not server.got or (phase == "body" and not names(tmp_path)):  # noqa: ASYNC110 - a file has no event
            await anyio.sleep(0.001)
        await anyio.sleep(0.01)

    await cancel(download, under_way)
    assert names(tmp_path) == []


@EITHER_WAY
@pytest.mark.parametrize("step", ["open", "hardlink_to", "unlink"])
async def test_while_a_thread_is_at_work_on_the_disk(
    server: MediaServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cancel: Any, step: str
) -> None:
    result = server.picture(size=SIZE)
    there, go = threading.Event(), threading.Event()
    usual = getattr(Path, step)

    def slowly(path: Path, *args: Any, **options: Any) -> Any:
        there.set()
        assert go.wait(10)
        return usual(path, *args, **options)

    monkeypatch.setattr(Path, step, slowly)

    async def download() -> None:
        await downloader().download(result, tmp_path, name=NAME)

    async def on_disk() -> None:
        while not there.is_set():  # noqa: ASYNC110 - the thread's event is not the loop's
            await anyio.sleep(0.001)
        asyncio.get_running_loop().call_later(0.02, go.set)

    await cancel(download, on_disk)
    assert names(tmp_path) == ([] if step == "open" else ["elk.png"])
    if step != "open":
        assert (tmp_path / "elk.png").read_bytes() == picture(SIZE)


async def test_a_deadline_of_the_caller_is_obeyed(server: MediaServer, tmp_path: Path) -> None:
    result = server.picture(stuck(500))

    with pytest.raises(TimeoutError), anyio.fail_after(0.03):
        await downloader().download(result, tmp_path)
    assert names(tmp_path) == []


async def test_what_failed_leaves_nothing_behind(server: MediaServer, tmp_path: Path) -> None:
    result = server.picture(cut(200_000), status(404), size=SIZE)

    with pytest.raises(DownloadError):
        await downloader().download(result, tmp_path)
    assert names(tmp_path) == []
