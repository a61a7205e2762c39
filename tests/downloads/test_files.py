"""Which files of which results come, under which names, and what stands there already."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from journey_async import DownloadError, Grid, InvalidRequestError, Result
from journey_async.core.kinds import Description
from journey_async.downloads import Wanted
from tests.downloads.media_server import MP4, chunked, downloader, names, picture

if TYPE_CHECKING:
    from pathlib import Path

    from tests.downloads.media_server import MediaServer


# --- which files


async def test_the_four_tiles_of_a_grid_come_in_their_order(server: MediaServer, tmp_path: Path) -> None:
    grid = server.grid()
    paths = await downloader().download(Wanted(result=grid, prompt="an elk"), tmp_path)

    assert paths == tuple(tmp_path / f"an-elk-t-1-{n}.png" for n in (1, 2, 3, 4))
    assert [path.read_bytes() for path in paths] == [picture(500 + n, n) for n in range(4)]
    assert names(tmp_path) == sorted(path.name for path in paths)


async def test_the_sheet_of_a_grid_comes_when_it_is_wanted(server: MediaServer, tmp_path: Path) -> None:
    paths = await downloader().download(server.grid(), tmp_path, name="{n}.{ext}", sheet=True)

    assert [path.name for path in paths] == ["1.png", "2.png", "3.png", "4.png", "sheet.png"]
    assert paths[-1].read_bytes() == picture(900, 9)


async def test_a_picture_is_one_file_and_has_no_sheet(server: MediaServer, tmp_path: Path) -> None:
    paths = await downloader().download(server.picture(), tmp_path, sheet=True)

    assert [path.name for path in paths] == ["task-t-1-1.png"]


async def test_videos_are_four_files(server: MediaServer, tmp_path: Path) -> None:
    paths = await downloader().download(server.videos(), tmp_path, name="{n}.{ext}")

    assert [path.name for path in paths] == ["1.mp4", "2.mp4", "3.mp4", "4.mp4"]
    assert paths[2].read_bytes() == MP4 + b"\x02"


async def test_the_files_of_many_results_come_in_the_order_of_the_results(server: MediaServer, tmp_path: Path) -> None:
    wanted = [
        Wanted(result=server.picture(task_id=f"t-{number}", size=400 + number), key=f"row {number}")
        for number in range(1000)
    ]
    paths = await downloader().download(wanted, tmp_path / "new", name="{key}/{n}.{ext}")

    assert [path.relative_to(tmp_path).as_posix() for path in paths] == [f"new/row-{n}/1.png" for n in range(1000)]
    assert [path.stat().st_size for path in paths] == list(range(400, 1400))
    assert server.most_open <= 8


async def test_no_result_is_no_file(tmp_path: Path) -> None:
    assert await downloader().download([], tmp_path) == ()
    assert names(tmp_path) == []


@pytest.mark.parametrize("result", [Description(task_id="t-1", content=("an elk",)), Result(task_id="t-1"), "t-1"])
async def test_a_result_without_files_is_refused_before_anything_is_sent(
    server: MediaServer, tmp_path: Path, result: Any
) -> None:
    with pytest.raises(InvalidRequestError, match="has no files: download the result of a grid") as caught:
        await downloader().download([server.picture(), result], tmp_path)
    assert [fault.argument for fault in caught.value.faults] == ["result"]
    assert server.got == []


async def test_a_wrong_name_and_a_text_are_told_together(server: MediaServer, tmp_path: Path) -> None:
    text = Description(task_id="t-1", content=())
    with pytest.raises(InvalidRequestError, match=r"use \{prompt\}, \{task_id\}, \{action\}") as caught:
        await downloader().download([text], tmp_path, name="{seed}.png")
    assert [fault.argument for fault in caught.value.faults] == ["result", "name"]


# --- what they are called


async def test_the_extension_tells_what_came_not_what_the_link_says(server: MediaServer, tmp_path: Path) -> None:
    result = server.picture()
    server.files["/t-1/0_0.png"] = b"\xff\xd8\xff" + bytes(100)

    (path,) = await downloader().download(result, tmp_path)
    assert path.name == "task-t-1-1.jpg"


async def test_what_is_not_known_of_a_result_is_told_by_what_is(server: MediaServer, tmp_path: Path) -> None:
    name = "{prompt} {action} {key}.{ext}"
    known = Wanted(result=server.picture(), prompt="elk", action="pan", key="left")
    told = server.picture(raw={"task_type": "pan-up"})

    assert [path.name for path in await downloader().download([known, told], tmp_path, name=name)] == [
        "elk pan left.png",
        "pan-up pan-up t-1.png",
    ]


async def test_an_id_and_a_prompt_cannot_leave_the_folder(server: MediaServer, tmp_path: Path) -> None:
    result = server.picture()
    evil = Wanted(
        result=type(result)(task_id="../../../etc/x", image_url=result.image_url), prompt="..\\..\\/etc/passwd"
    )

    (path,) = await downloader().download(evil, tmp_path / "in", name="{key}/{prompt}-{task_id}.{ext}")
    assert path.relative_to(tmp_path / "in").as_posix() == "etc-x/etc-passwd-etc-x.png"


# --- what is there already


async def test_a_file_that_is_here_is_not_fetched_again(server: MediaServer, tmp_path: Path) -> None:
    result = server.picture(size=20_000_000)
    (first,) = await downloader().download(result, tmp_path)
    written = first.stat().st_mtime_ns
    async with downloader().downloading(result, tmp_path) as progress:
        steps = [step.received async for step in progress]

    assert progress.paths == (first,)
    assert max(steps) < 20_000_000
    assert (names(tmp_path), first.stat().st_mtime_ns) == ([first.name], written)


async def test_a_file_whose_length_nobody_tells_is_compared_byte_by_byte(server: MediaServer, tmp_path: Path) -> None:
    result = server.picture(chunked, chunked)

    first = await downloader().download(result, tmp_path)
    assert await downloader().download(result, tmp_path) == first
    assert names(tmp_path) == ["task-t-1-1.png"]


@pytest.mark.parametrize("there", [b"", b"mine", picture(1000, 7), picture(1000)[:-1]])
async def test_another_file_of_the_name_stays_as_it_is(server: MediaServer, tmp_path: Path, there: bytes) -> None:
    (tmp_path / "elk.png").write_bytes(there)
    result = server.picture()

    for _ in range(2):
        (path,) = await downloader().download(result, tmp_path, name="elk.{ext}")
        assert path.name == "elk (2).png"
    assert (tmp_path / "elk.png").read_bytes() == there
    assert names(tmp_path) == ["elk (2).png", "elk.png"]


async def test_a_file_of_the_same_length_that_ends_otherwise_is_another_file(
    server: MediaServer, tmp_path: Path
) -> None:
    data = picture(1000)
    (tmp_path / "elk.png").write_bytes(data[:-1] + b"?")

    (path,) = await downloader().download(server.picture(), tmp_path, name="elk.{ext}")
    assert path.read_bytes() == data
    assert path.name == "elk (2).png"


async def test_tiles_that_are_to_have_one_name_get_numbers(server: MediaServer, tmp_path: Path) -> None:
    paths = await downloader(at_once=1).download(server.grid(), tmp_path, name="elk.{ext}")

    assert [path.name for path in paths] == ["elk.png", "elk (2).png", "elk (3).png", "elk (4).png"]
    assert await downloader().download(server.grid(), tmp_path, name="elk.{ext}") == paths


async def test_the_same_result_twice_is_one_file(server: MediaServer, tmp_path: Path) -> None:
    result = server.picture(size=300_000)

    paths = await downloader().download([result] * 5, tmp_path)
    assert len(set(paths)) == 1
    assert names(tmp_path) == [paths[0].name]


async def test_folders_and_links_of_the_name_are_left_alone(server: MediaServer, tmp_path: Path) -> None:
    (tmp_path / "elk.png").mkdir()
    (tmp_path / "elk (2).png").symlink_to(tmp_path / "nowhere.png")

    (path,) = await downloader().download(server.picture(), tmp_path, name="elk.{ext}")
    assert path.name == "elk (3).png"
    assert not (tmp_path / "nowhere.png").exists()


async def test_a_folder_that_cannot_be_made_fails_the_file(server: MediaServer, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")

    with pytest.raises(DownloadError, match=r"it cannot be kept in .*file"):
        await downloader().download(server.picture(), tmp_path / "file")


async def test_a_grid_that_a_sandbox_does_not_know_is_a_grid(server: MediaServer, tmp_path: Path) -> None:
    grid = Grid(task_id="t-9", image_urls=(), original_image_url=server.link("/sheet.png"))

    with pytest.raises(InvalidRequestError, match="a Midjourney grid has no files"):
        await downloader().download(grid, tmp_path)
