"""Every verb, from the call to its result."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from journey_async import (
    MODELS,
    BlendGrid,
    Description,
    EnlargedPicture,
    ExtendedVideos,
    ImagineGrid,
    ImagineVideos,
    InpaintGrid,
    InvalidRequestError,
    OutpaintGrid,
    PanGrid,
    Picture,
    RerollGrid,
    Seed,
    Shortening,
    UpscaledPicture,
    VariationGrid,
)
from tests.client.services import requests
from tests.pictures import PNG

if TYPE_CHECKING:
    from pathlib import Path

    from tests.client.services import Service

URL = "https://example.com/photo.png"
OTHER = "https://example.com/face.png"


@pytest.fixture
def odd_files(tmp_path: Path) -> Path:
    """Make a folder of what a path may name besides a regular file."""
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "zeros").symlink_to("/dev/zero")
    (tmp_path / "link to the pipe").symlink_to("pipe")
    (tmp_path / "loop").symlink_to("loop")
    return tmp_path


async def test_the_story_of_the_upscale_page(service: Service) -> None:
    """A grid, a tile of it, and every edit of that tile."""
    async with service.client() as journey:
        grid = await journey.imagine("a majestic elk in a misty forest --ar 16:9")
        assert grid.kind is ImagineGrid
        elk = await journey.upscale_1x(grid, index=2)
        assert (elk.kind, elk.parent) == (UpscaledPicture, grid.id)
        edits = [
            (await journey.pan(elk, direction="left"), PanGrid),
            (await journey.inpaint(elk, mask=PNG, prompt="a lake"), InpaintGrid),
            (await journey.outpaint(elk, zoom_ratio=1.5), OutpaintGrid),
            (await journey.upscale_alt(elk, type="subtle"), EnlargedPicture),
            (await journey.variations(elk, index="strong"), VariationGrid),
            (await journey.variations(elk, index="subtle"), VariationGrid),
            (await journey.upscale_2x_4x(elk, type="2x"), EnlargedPicture),
            (await journey.seed(elk), Seed),
        ]
        for task, kind in edits:
            assert task.kind is kind
            assert type(await task) is kind
            assert task.parent == elk.id
            assert task.done
        sheet = await grid
        assert len(sheet.image_urls) == 4
        assert sheet.original_image_url not in sheet.image_urls
        assert sheet.urls == sheet.image_urls
    ledger = service.ledger()
    assert ledger["charged"] == 4 + 2 + 4 * 6 + 2 + 2
    assert ledger["accepted"] == 10


async def test_verbs_without_a_parent_give_their_kind_of_result(service: Service) -> None:
    """Blend, describe, shorten, faceswap, imagine-video and the grids and videos that follow."""
    async with service.client() as journey:
        blended = await (await journey.blend([URL, OTHER], dimension="landscape"))
        assert type(blended) is BlendGrid
        described = await (await journey.describe(URL))
        assert type(described) is Description
        assert len(described.content) == 4
        assert described.image_url == URL
        shorter = await (await journey.shorten("a very very long prompt"))
        assert type(shorter) is Shortening
        assert shorter.full_content
        assert type(await (await journey.faceswap(URL, OTHER))) is Picture
        videos = await journey.imagine_video("the elk walks", image_url=URL)
        assert type(await videos) is ImagineVideos
        longer = await journey.extend_video(videos, index=1, prompt="it runs")
        assert type(await longer) is ExtendedVideos
        again = await journey.extend_video(longer, index="4", prompt="it rests", motion="high")
        assert len((await again).video_urls) == 4


async def test_grids_can_be_rerolled_varied_and_enlarged(service: Service) -> None:
    """What follows a grid."""
    async with service.client() as journey:
        grid = await journey.imagine("an elk")
        assert type(await (await journey.reroll(grid, prompt="a moose"))) is RerollGrid
        varied = await journey.variations(grid, index=3)
        assert type(await varied) is VariationGrid
        assert type(await (await journey.upscale_2x_4x(varied, type="4x", index=1))) is EnlargedPicture
        assert type(await (await journey.upscale_2x_4x(image_url=URL, type="2x"))) is EnlargedPicture


async def test_pans_chain_through_upscale_1x(service: Service) -> None:
    """A pan's grid is upscaled and panned again."""
    async with service.client() as journey:
        parent = await journey.upscale_1x(await journey.imagine("a coast"), index=1)
        for _ in range(3):
            panned = await journey.pan(parent, direction="right")
            parent = await journey.upscale_1x(panned, index=1)
        assert (await parent).image_url


@pytest.mark.parametrize("model", MODELS)
async def test_every_model_gives_its_result(service: Service, model: str) -> None:
    """All 30; the synchronous ones answer with a task that is finished."""
    async with service.client() as journey:
        image_url = URL if MODELS[model].image_url == "required" else None
        task = await journey.imagine("an elk", model=model, image_url=image_url)
        assert task.done is (MODELS[model].mode == "sync")
        assert type(await task) is (ImagineGrid if model == "midjourney" else Picture)
    assert service.ledger()["charged"] == MODELS[model].credits


async def test_account_tells_credits_plan_and_slots(service: Service) -> None:
    """A free call."""
    async with service.client() as journey:
        account = await journey.account()
        assert (account.credits, account.plan, account.slots) == (10_000, "growth", 25)


async def test_fetch_takes_a_task_or_an_id(service: Service) -> None:
    """The same Task comes back for a Task, a new one for an id; both know the same state."""
    async with service.client() as journey:
        grid = await journey.imagine("an elk")
        assert await journey.fetch(grid) is grid
        assert grid.state.status != "submitted"
        found = await journey.fetch(grid.id)
        assert (found.id, found.kind, found.action, found.parent) == (grid.id, ImagineGrid, None, None)
        assert await found == await grid
        assert grid.done


async def test_fetch_many_keeps_the_order_and_leaves_out_the_unknown(service: Service) -> None:
    """As the service does."""
    async with service.client() as journey:
        tasks = [await journey.imagine(f"elk {number}") for number in range(3)]
        found = await journey.fetch_many([tasks[2], "no-such-task", tasks[0].id])
        assert [task.id for task in found] == [tasks[2].id, tasks[0].id]
        assert found[0] is tasks[2]


async def test_a_mask_may_be_bytes_a_path_or_text(service: Service, tmp_path: Path) -> None:
    """A file is read, anything else is sent as it is."""
    path = tmp_path / "mask.png"
    path.write_bytes(PNG)
    async with service.client() as journey:
        elk = await journey.upscale_1x(await journey.imagine("an elk"), index=1)
        for mask in (PNG, path, str(path)):
            assert (await journey.inpaint(elk, mask=mask)).kind is InpaintGrid


@pytest.mark.parametrize("name", ["folder", "pipe", "zeros", "link to the pipe", "missing", "loop", "nul\0"])
async def test_a_mask_that_is_no_regular_file_is_refused_and_never_waited_for(
    service: Service, odd_files: Path, name: str
) -> None:
    """Opening a pipe would block a thread until somebody writes; a device has no end."""
    async with service.client() as journey:
        elk = await journey.upscale_1x(await journey.imagine("an elk"), index=1)
        before = requests(service)
        for mask in (odd_files / name, str(odd_files / name)):
            with pytest.raises(InvalidRequestError, match="mask must be"):
                await journey.inpaint(elk, mask=mask)
        assert requests(service) == before


async def test_a_mask_file_that_is_too_large_is_refused_for_its_size(service: Service, tmp_path: Path) -> None:
    """One of a gigabyte is not read to its end to find out."""
    path = tmp_path / "mask.png"
    path.write_bytes(PNG)
    os.truncate(path, 1 << 30)
    async with service.client() as journey:
        elk = await journey.upscale_1x(await journey.imagine("an elk"), index=1)
        with pytest.raises(InvalidRequestError, match="mask must have at most 8388608 bytes"):
            await journey.inpaint(elk, mask=path)


async def test_a_kept_id_becomes_a_task_without_asking(service: Service) -> None:
    """For ids out of a database."""
    async with service.client() as journey:
        task_id = (await journey.imagine("an elk")).id
    async with service.client() as journey:
        before = requests(service)
        task = journey.task(task_id)
        assert requests(service) == before
        assert type(await task) is ImagineGrid


async def test_what_type_checkers_refuse_is_an_error_of_the_code_and_sends_nothing(service: Service) -> None:
    async with service.client() as journey:
        anything: Any = journey
        with pytest.raises(TypeError, match=r"given twice, once by place and once by name: prompt$"):
            await anything.imagine("an elk", prompt="a moose")
        with pytest.raises(TypeError, match=r"Imagine\(\) takes no stile$"):
            await anything.imagine("an elk", stile="raw")
        assert requests(service, "/imagine") == 0
