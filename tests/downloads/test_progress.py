"""What is told while files come, and how one leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio
import pytest

from journey_async import DownloadError
from tests.downloads.media_server import chunked, cut, downloader, drip, meeting, names, status, stuck

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from journey_async.downloads import DownloadProgress
    from tests.downloads.media_server import MediaServer


async def test_every_file_is_told_until_it_is_there(server: MediaServer, tmp_path: Path) -> None:
    last: dict[str, DownloadProgress] = {}
    async with downloader().downloading(server.grid(), tmp_path, name="{n}.{ext}") as progress:
        async for step in progress:
            assert not last.get(step.n, step).done or step.n not in last
            last[step.n] = step

    assert sorted(last) == ["1", "2", "3", "4"]
    assert {step.path for step in last.values()} == set(progress.paths)
    assert [(step.received, step.total) for _, step in sorted(last.items())] == [(n, n) for n in (500, 501, 502, 503)]
    assert max(step.ended for step in last.values()) == 4
    assert {(step.files, step.task_id, step.done, step.error) for step in last.values()} == {(4, "t-1", True, None)}


async def test_the_bytes_of_a_file_grow(server: MediaServer, tmp_path: Path) -> None:
    async with downloader().downloading(server.picture(cut(400), drip), tmp_path) as progress:
        seen = [(step.received, step.total) async for step in progress]

    # The second answer to this picture is the whole of it, one byte at a time.
    again = next(place for place, (received, _) in enumerate(seen) if received < 400)
    assert len(seen) > 10
    assert seen[again:] == sorted(seen[again:])
    assert seen[-1] == (1000, 1000)


async def test_a_length_that_is_not_told_is_not_made_up(server: MediaServer, tmp_path: Path) -> None:
    async with downloader().downloading(server.picture(chunked), tmp_path) as progress:
        seen = [(step.received, step.total) async for step in progress]

    assert seen[-1] == (1000, None)


async def test_what_nobody_reads_holds_nothing_up(server: MediaServer, tmp_path: Path) -> None:
    async with downloader().downloading(server.grid(), tmp_path) as progress:
        while len(progress.paths) < 4:  # noqa: ASYNC110 - to read nothing is the point
            await anyio.sleep(0.001)
        seen = [step async for step in progress]

    assert len(seen) == 4
    assert all(step.done for step in seen)


async def test_two_may_read_the_progress_of_one_call(server: MediaServer, tmp_path: Path) -> None:
    seen: list[DownloadProgress] = []

    async def read(progress: AsyncIterator[DownloadProgress]) -> None:
        seen.extend([step async for step in progress])

    results = [server.picture(meeting(server, 1), task_id=f"t-{number}") for number in range(9)]
    async with downloader(at_once=1).downloading(results, tmp_path) as progress, anyio.create_task_group() as group:
        group.start_soon(read, progress)
        group.start_soon(read, progress)

    assert len([step for step in seen if step.done]) == 9


async def test_a_failure_is_a_value_and_in_the_end_an_error(server: MediaServer, tmp_path: Path) -> None:
    last: dict[str, DownloadProgress] = {}
    results = [server.picture(status(404), task_id="t-1"), server.picture(task_id="t-2")]
    async with downloader().downloading(results, tmp_path) as progress:
        while not last or max(step.ended for step in last.values()) < 2:
            step = await anext(progress)
            last[step.task_id] = step
        with pytest.raises(DownloadError, match="404") as caught:
            await anext(progress)

    assert {task_id: step.error for task_id, step in last.items()} == {"t-1": caught.value, "t-2": None}
    assert names(tmp_path) == ["task-t-2-1.png"]


async def test_leaving_the_block_stops_what_is_left(server: MediaServer, tmp_path: Path) -> None:
    results = [server.picture(task_id="t-1"), server.picture(stuck(500), task_id="t-2")]
    async with downloader().downloading(results, tmp_path) as progress:
        async for step in progress:
            if step.done:
                break

    assert names(tmp_path) == ["task-t-1-1.png"]


async def test_an_error_of_the_caller_comes_out_as_itself(server: MediaServer, tmp_path: Path) -> None:
    with pytest.raises(KeyError, match="mine"):
        async with downloader().downloading(server.picture(stuck(500)), tmp_path):
            raise KeyError("mine")
    assert names(tmp_path) == []


async def test_no_more_files_come_at_once_than_are_allowed(server: MediaServer, tmp_path: Path) -> None:
    results = [server.picture(meeting(server, 2), task_id=f"t-{number}") for number in range(6)]
    await downloader(at_once=2).download(results, tmp_path)

    assert server.most_open == 2
    assert len(names(tmp_path)) == 6


@pytest.mark.parametrize("options", [{"at_once": 0}, {"largest": 0}, {"silence": 0}])
def test_limits_that_allow_nothing_are_refused(options: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=next(iter(options))):
        downloader(**options)


def test_a_proxy_is_not_shown() -> None:
    assert "canary" not in repr(downloader(proxy="http://me:canary@proxy.test"))
