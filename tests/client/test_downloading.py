"""The client's own download: of whatever has files, named after what is known of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from journey_async import (
    DownloadError,
    InvalidRequestError,
    JourneyClient,
    NodeFinished,
    TaskFailedError,
    TaskGraph,
    Wanted,
)
from journey_async.sandbox import Sandbox
from tests.client.services import KEY, PATIENT, QUICK

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

NAME = "{key}+{prompt}+{action}+{n}.{ext}"


@pytest.fixture
async def journey() -> AsyncGenerator[JourneyClient]:
    """Give a client of a sandbox, whose pictures are real ones."""
    async with (
        Sandbox(task_seconds=0.03, credits=10_000, plan="growth", api_key=KEY) as box,
        JourneyClient(KEY, base_url=box.base_url, pace=QUICK, retry=PATIENT) as client,
    ):
        yield client


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


async def test_a_task_is_waited_for_and_named_after_what_was_asked(journey: JourneyClient, tmp_path: Path) -> None:
    """Four tiles, in their order, each a whole picture."""
    task = await journey.imagine("a majestic elk")
    assert not task.done
    paths = await journey.download(task, tmp_path, name=NAME)
    assert [path.name for path in paths] == [f"{task.id}+a-majestic-elk+imagine+{n}.png" for n in "1234"]
    assert names(tmp_path) == sorted(path.name for path in paths)
    for path in paths:
        with Image.open(path) as picture:
            picture.load()


async def test_a_task_without_a_prompt_is_named_after_its_action(journey: JourneyClient, tmp_path: Path) -> None:
    """The parent's prompt is not its own."""
    task = await journey.upscale_1x(await journey.imagine("an elk"), index=2)
    (path,) = await journey.download(task, tmp_path, name=NAME)
    assert path.name == f"{task.id}+upscale-1x+upscale-1x+1.png"


async def test_a_task_that_was_found_by_its_id_is_named_after_what_the_service_tells(
    journey: JourneyClient, tmp_path: Path
) -> None:
    grid = await journey.imagine("an elk")
    paths = await journey.download(journey.task(grid.id), tmp_path, name=NAME)
    assert [path.name for path in paths] == [f"{grid.id}+imagine+imagine+{n}.png" for n in "1234"]


async def test_a_result_and_what_is_known_of_it(journey: JourneyClient, tmp_path: Path) -> None:
    """Of a bare result only the service's words are known; `Wanted` adds one's own. With the sheet."""
    result = await (await journey.imagine("an elk"))
    bare = await journey.download(result, tmp_path / "bare", name=NAME, sheet=True)
    named = await journey.download(
        Wanted(result=result, prompt="my elk", action="wish", key="k1"), tmp_path / "named", name=NAME
    )
    assert [path.name for path in bare] == [f"{result.task_id}+imagine+imagine+{n}.png" for n in (*"1234", "sheet")]
    assert [path.name for path in named] == [f"k1+my-elk+wish+{n}.png" for n in "1234"]


async def test_an_outcome_gives_what_has_files_and_leaves_out_what_has_none(
    journey: JourneyClient, tmp_path: Path
) -> None:
    """Texts and failed nodes are no reason to refuse the rest; files are named after their nodes."""
    graph = TaskGraph()
    grid = graph.imagine("an elk", key="grid")
    graph.upscale_1x(grid, index=3, key="best")
    graph.seed(grid, key="seed")
    graph.imagine("[sandbox:fail]", key="broken")
    outcome = await journey.run(graph)
    paths = await journey.download(outcome, tmp_path, name=NAME)
    assert [path.name for path in paths] == [
        *(f"grid+an-elk+imagine+{n}.png" for n in "1234"),
        "best+upscale-1x+upscale-1x+1.png",
    ]

    row = outcome[graph["best"]]
    assert isinstance(row, NodeFinished)
    assert await journey.download(row, tmp_path, name=NAME) == paths[4:]


async def test_an_event_of_a_run_is_downloaded_while_the_run_goes_on(journey: JourneyClient, tmp_path: Path) -> None:
    graph = TaskGraph()
    grid = graph.imagine("an elk", key="grid")
    graph.upscale_1x(grid, index=1, key="best")
    paths: list[Path] = []
    async with journey.running(graph) as run:
        async for event in run:
            if isinstance(event, NodeFinished):
                paths += await journey.download(event, tmp_path, name="{key}-{n}.{ext}")
    assert [path.name for path in paths] == ["grid-1.png", "grid-2.png", "grid-3.png", "grid-4.png", "best-1.png"]


async def test_a_node_that_is_a_task_of_earlier_is_named_after_what_the_service_tells(
    journey: JourneyClient, tmp_path: Path
) -> None:
    earlier = await journey.imagine("an elk")
    await earlier
    graph = TaskGraph()
    known = graph.existing(earlier.id, key="known")
    graph.upscale_1x(known, index=1, key="best")
    outcome = await journey.run(graph)
    row = outcome[known]
    assert isinstance(row, NodeFinished)
    paths = await journey.download(row, tmp_path, name=NAME)
    assert [path.name for path in paths] == [f"known+imagine+imagine+{n}.png" for n in "1234"]


async def test_several_of_several_kinds_come_in_their_order(journey: JourneyClient, tmp_path: Path) -> None:
    """From any iterable; twice the same fetches nothing anew."""
    grid = await journey.imagine("an elk")
    best = await journey.upscale_1x(grid, index=1)
    clips = await journey.imagine_video("it moves", image_url="https://example.com/elk.jpg")
    given: list[Any] = [best, await grid, Wanted(result=await clips, key="clips")]
    paths = await journey.download((each for each in given), tmp_path)
    assert [path.suffix for path in paths] == [".png"] * 5 + [".webp"] * 4
    assert best.id in paths[0].name
    assert all(grid.id in path.name for path in paths[1:5])
    written = {path: path.stat().st_mtime_ns for path in paths}
    assert await journey.download(given, tmp_path) == paths
    assert {path: path.stat().st_mtime_ns for path in paths} == written


async def test_nothing_at_all_is_nothing(journey: JourneyClient, tmp_path: Path) -> None:
    assert await journey.download([], tmp_path) == ()


async def test_a_text_result_is_refused_with_everything_else_unfetched(journey: JourneyClient, tmp_path: Path) -> None:
    """It is said what can be downloaded instead."""
    described = await journey.describe("https://example.com/elk.jpg")
    grid = await journey.imagine("an elk")
    for given in (described, await described, [grid, described]):
        with pytest.raises(InvalidRequestError, match="has no files: download "):
            await journey.download(given, tmp_path)
    assert names(tmp_path) == []


async def test_a_text_task_is_refused_before_anything_is_waited_for(journey: JourneyClient, tmp_path: Path) -> None:
    """What it will be is known from the moment it is accepted."""
    stuck = await journey.imagine("an elk [sandbox:stuck]")
    seed = await journey.seed(await journey.imagine("an elk [sandbox:seconds=0]"))
    with pytest.raises(InvalidRequestError, match="a seed task has no files"):
        await journey.download([stuck, seed], tmp_path)


@pytest.mark.parametrize("nothing", ["a-task-id", 7, None, ["a-task-id"], {"task_id": "x"}, object()])
async def test_what_is_no_result_is_refused(journey: JourneyClient, tmp_path: Path, nothing: Any) -> None:
    """An id too: `journey.task(id)` makes a task of it."""
    with pytest.raises(InvalidRequestError, match="download"):
        await journey.download(nothing, tmp_path)


async def test_a_task_that_fails_says_so(journey: JourneyClient, tmp_path: Path) -> None:
    with pytest.raises(TaskFailedError, match=r"No\."):
        await journey.download(await journey.imagine("[sandbox:fail=No.]"), tmp_path)


async def test_a_name_with_an_unknown_field_is_refused_before_a_task_is_waited_for(
    journey: JourneyClient, tmp_path: Path
) -> None:
    task = await journey.imagine("an elk [sandbox:stuck]")
    with pytest.raises(InvalidRequestError, match="name has a field that there is not"):
        await journey.download(task, tmp_path, name="{colour}.{ext}")


async def test_files_that_are_too_large_or_at_a_private_address_are_refused(
    journey: JourneyClient, tmp_path: Path
) -> None:
    """By *largest* and *strict*: nothing of them is left."""
    task = await journey.imagine("an elk")
    for limits in ({"largest": 100}, {"strict": True}):
        options: dict[str, Any] = limits
        with pytest.raises(DownloadError):
            await journey.download(task, tmp_path, **options)
    assert names(tmp_path) == []


async def test_the_progress_of_every_file_is_told(journey: JourneyClient, tmp_path: Path) -> None:
    """The last value of each has its path."""
    task = await journey.imagine("an elk")
    async with journey.downloading(task, tmp_path, name=NAME, at_once=2) as progress:
        seen = [state async for state in progress]
    ends = [state for state in seen if state.done]
    assert sorted(state.n for state in ends) == list("1234")
    assert {state.path for state in ends} == set(progress.paths) == {tmp_path / name for name in names(tmp_path)}
    assert [state.ended for state in ends] == sorted(state.ended for state in ends)
    assert ends[-1].ended == ends[-1].files == 4
