# pyright: reportUnusedVariable=false
"""What type checkers make of edits: never run, only checked.

Each illegal call carries an ignore for mypy and one for pyright. A signature that is loosened leaves an ignore without
use, and both checkers then fail.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, assert_type

from journey_async import (
    BlendGrid,
    Description,
    DownloadProgress,
    EnlargedPicture,
    ExtendedVideos,
    Failed,
    Finished,
    Grid,
    ImagineGrid,
    ImagineVideos,
    InpaintGrid,
    JourneyClient,
    MidjourneyPicture,
    NextAction,
    NodeFinished,
    Outcome,
    OutpaintGrid,
    PanGrid,
    Picture,
    RerollGrid,
    Result,
    Seed,
    Shortening,
    Statistics,
    Task,
    TaskState,
    Unfinished,
    UpscaledPicture,
    VariationGrid,
    Videos,
    Wanted,
)

if TYPE_CHECKING:
    from journey_async.core.models import PictureModel

URL = "https://example.com/photo.jpg"


class Tasks:
    """One task of each kind."""

    imagined: Task[ImagineGrid]
    rerolled: Task[RerollGrid]
    varied: Task[VariationGrid]
    panned: Task[PanGrid]
    painted: Task[InpaintGrid]
    widened: Task[OutpaintGrid]
    blended: Task[BlendGrid]
    grid: Task[Grid]
    upscaled: Task[UpscaledPicture]
    enlarged: Task[EnlargedPicture]
    midjourneys: Task[MidjourneyPicture]
    picture: Task[Picture]
    videos: Task[ImagineVideos]
    extended: Task[ExtendedVideos]
    any_videos: Task[Videos]
    described: Task[Description]
    shortened: Task[Shortening]
    seed: Task[Seed]
    result: Task[Result]


# ---------------------------------------------------------------------------------------------------------------------
# Legal: each call is pinned to its exact type, for which an Any will not do


async def beginnings(journey: JourneyClient) -> None:
    assert_type(await journey.imagine("an elk"), Task[ImagineGrid])
    assert_type(await journey.imagine("an elk", model="midjourney", aspect_ratio="16:9"), Task[ImagineGrid])
    assert_type(await journey.blend([URL, URL], dimension="square"), Task[BlendGrid])
    assert_type(await journey.describe(URL), Task[Description])
    assert_type(await journey.shorten("an elk, an elk, an elk"), Task[Shortening])
    assert_type(await journey.faceswap(URL, swap_image_url=URL), Task[Picture])
    assert_type(await journey.faceswap(target_image_url=URL, swap_image_url=URL), Task[Picture])
    assert_type(await journey.imagine_video("it walks", image_url=URL, motion="low"), Task[ImagineVideos])


async def models(journey: JourneyClient, known: PictureModel, unknown: str) -> None:
    assert_type(await journey.imagine("an elk", model="flux-pro", output_format="png", resolution="2K"), Task[Picture])
    assert_type(await journey.imagine("an elk", model=known, image_url=URL, negative_prompt="people"), Task[Picture])
    something = await journey.imagine("an elk", model=unknown, aspect_ratio="5:4")
    assert_type(something, Task[Any])
    grid: Task[ImagineGrid] = something
    await journey.upscale_1x(something, index=1)


async def grids(journey: JourneyClient, task: Tasks) -> None:
    assert_type(await journey.reroll(task.imagined), Task[RerollGrid])
    assert_type(await journey.reroll(task.imagined, prompt="a moose"), Task[RerollGrid])

    assert_type(await journey.upscale_1x(task.imagined, index=2), Task[UpscaledPicture])
    assert_type(await journey.upscale_1x(task.rerolled, index="2"), Task[UpscaledPicture])
    assert_type(await journey.upscale_1x(task.varied, index=1), Task[UpscaledPicture])
    assert_type(await journey.upscale_1x(task.panned, index=3), Task[UpscaledPicture])
    assert_type(await journey.upscale_1x(task.painted, index=4), Task[UpscaledPicture])
    assert_type(await journey.upscale_1x(task.widened, index=4), Task[UpscaledPicture])
    assert_type(await journey.upscale_1x(task.blended, index=4), Task[UpscaledPicture])
    assert_type(await journey.upscale_1x(task.grid, index=4), Task[UpscaledPicture])

    assert_type(await journey.variations(task.imagined, index=1), Task[VariationGrid])
    assert_type(await journey.variations(task.rerolled, index="4"), Task[VariationGrid])
    assert_type(await journey.variations(task.varied, index=2), Task[VariationGrid])
    assert_type(await journey.variations(task.panned, index=3), Task[VariationGrid])
    assert_type(await journey.variations(task.grid, index=3), Task[VariationGrid])

    assert_type(await journey.upscale_2x_4x(task.imagined, type="2x", index=1), Task[EnlargedPicture])
    assert_type(await journey.upscale_2x_4x(task.grid, type="4x", index="4"), Task[EnlargedPicture])
    assert_type(await journey.seed(task.imagined), Task[Seed])
    assert_type(await journey.seed(task.grid), Task[Seed])


async def pictures(journey: JourneyClient, task: Tasks) -> None:
    assert_type(await journey.variations(task.upscaled, index="strong"), Task[VariationGrid])
    assert_type(await journey.variations(task.upscaled, index="subtle"), Task[VariationGrid])
    assert_type(await journey.upscale_alt(task.upscaled, type="subtle"), Task[EnlargedPicture])
    assert_type(await journey.pan(task.upscaled, direction="left"), Task[PanGrid])
    assert_type(await journey.inpaint(task.upscaled, mask=b"", prompt="a lake"), Task[InpaintGrid])
    assert_type(await journey.inpaint(task.upscaled, mask=Path("mask.png")), Task[InpaintGrid])
    assert_type(await journey.inpaint(task.upscaled, mask="data:image/png;base64,"), Task[InpaintGrid])
    assert_type(
        await journey.outpaint(task.upscaled, zoom_ratio=1.5, aspect_ratio="3:2", prompt="a lake"), Task[OutpaintGrid]
    )
    assert_type(await journey.outpaint(task.upscaled, zoom_ratio="1"), Task[OutpaintGrid])
    assert_type(await journey.upscale_2x_4x(task.upscaled, type="2x"), Task[EnlargedPicture])
    assert_type(await journey.upscale_2x_4x(task.enlarged, type="4x"), Task[EnlargedPicture])
    assert_type(await journey.upscale_2x_4x(task.midjourneys, type="4x"), Task[EnlargedPicture])
    assert_type(await journey.upscale_2x_4x(image_url=URL, type="2x"), Task[EnlargedPicture])
    assert_type(await journey.seed(task.upscaled), Task[Seed])
    assert_type(await journey.seed(task.enlarged), Task[Seed])


async def clips(journey: JourneyClient, made: Task[ImagineVideos], extended: Task[ExtendedVideos]) -> None:
    assert_type(await journey.extend_video(made, index=1, prompt="it runs", motion="high"), Task[ExtendedVideos])
    assert_type(await journey.extend_video(extended, index="4", prompt="it rests", image_url=URL), Task[ExtendedVideos])


async def ids_as_parents(journey: JourneyClient, task_id: str) -> None:
    assert_type(await journey.reroll(task_id), Task[RerollGrid])
    assert_type(await journey.variations(task_id, index=1), Task[VariationGrid])
    assert_type(await journey.variations(task_id, index="strong"), Task[VariationGrid])
    assert_type(await journey.upscale_1x(task_id, index=1), Task[UpscaledPicture])
    assert_type(await journey.upscale_alt(task_id, type="creative"), Task[EnlargedPicture])
    assert_type(await journey.upscale_2x_4x(task_id, type="2x", index=1), Task[EnlargedPicture])
    assert_type(await journey.upscale_2x_4x(task_id, type="2x"), Task[EnlargedPicture])
    assert_type(await journey.pan(task_id, direction="up"), Task[PanGrid])
    assert_type(await journey.inpaint(task_id, mask=b""), Task[InpaintGrid])
    assert_type(await journey.outpaint(task_id, zoom_ratio=2), Task[OutpaintGrid])
    assert_type(await journey.seed(task_id), Task[Seed])
    assert_type(await journey.extend_video(task_id, index=1, prompt="it runs"), Task[ExtendedVideos])


async def tasks_that_were_found(journey: JourneyClient, known: Task[PanGrid]) -> None:
    found = await journey.fetch("t-1")
    kept = journey.task("t-1")
    assert_type(found, Task[Any])
    assert_type(kept, Task[Any])
    assert_type(await journey.fetch_many([known, "t-1"]), tuple[Task[Any], ...])
    assert_type(await journey.fetch(known), Task[PanGrid])
    await journey.pan(found, direction="up")
    await journey.reroll(kept)


async def options(journey: JourneyClient, grid: Task[ImagineGrid]) -> None:
    await journey.imagine("an elk", webhook_url=URL, webhook_secret="s3cret", extra={"sref": "7"})
    await journey.imagine("an elk", model="flux-pro", webhook_url=None, webhook_secret=None, extra=None)
    await journey.upscale_1x(grid, index=1, webhook_url=URL, webhook_secret="s3cret", extra={"sref": "7"})


async def results(
    grid: Task[ImagineGrid], panned: Task[PanGrid], upscaled: Task[UpscaledPicture], videos: Task[ImagineVideos]
) -> None:
    assert_type(await panned, PanGrid)
    assert_type((await grid).image_urls, tuple[str, ...])
    assert_type((await grid).original_image_url, str)
    assert_type((await upscaled).image_url, str)
    assert_type((await videos).video_urls, tuple[str, ...])
    assert_type(panned.kind, type[PanGrid])
    assert_type(panned.state, TaskState[PanGrid])
    async for state in panned.updates():
        assert_type(state, TaskState[PanGrid])
        match state:
            case Unfinished():
                assert_type(state, Unfinished)
            case Finished():
                assert_type(state, Finished[PanGrid])
                assert_type(state.result, PanGrid)
            case Failed():
                assert_type(state, Failed)


async def a_narrower_task_is_a_wider_one(panned: Task[PanGrid], upscaled: Task[UpscaledPicture]) -> None:
    grid: Task[Grid] = panned
    picture: Task[MidjourneyPicture] = upscaled
    plain: Task[Picture] = upscaled
    anything: Task[Result] = panned


# ---------------------------------------------------------------------------------------------------------------------
# Illegal: each call is refused by both checkers


async def reroll_of_the_wrong_parent(journey: JourneyClient, task: Tasks) -> None:
    await journey.reroll(task.rerolled)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.reroll(task.varied)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.reroll(task.panned)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.reroll(task.painted)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.reroll(task.widened)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.reroll(task.blended)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.reroll(task.grid)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.reroll(task.upscaled)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.reroll(task.enlarged)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.reroll(task.midjourneys)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.reroll(task.picture)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.reroll(task.videos)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.reroll(task.extended)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.reroll(task.any_videos)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.reroll(task.described)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.reroll(task.shortened)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.reroll(task.seed)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.reroll(task.result)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


async def variations_of_a_tile_of_the_wrong_parent(journey: JourneyClient, task: Tasks) -> None:
    await journey.variations(task.upscaled, index=1)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType,reportCallIssue]
    await journey.variations(task.enlarged, index=1)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType,reportCallIssue]
    await journey.variations(task.midjourneys, index=1)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType,reportCallIssue]
    await journey.variations(task.picture, index=1)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType,reportCallIssue]
    await journey.variations(task.videos, index=1)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType,reportCallIssue]
    await journey.variations(task.extended, index=1)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType,reportCallIssue]
    await journey.variations(task.any_videos, index=1)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType,reportCallIssue]
    await journey.variations(task.described, index=1)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType,reportCallIssue]
    await journey.variations(task.shortened, index=1)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType,reportCallIssue]
    await journey.variations(task.seed, index=1)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType,reportCallIssue]
    await journey.variations(task.result, index=1)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType,reportCallIssue]


async def strong_variations_of_the_wrong_parent(journey: JourneyClient, task: Tasks) -> None:
    await journey.variations(task.imagined, index="strong")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType,reportCallIssue]
    await journey.variations(task.rerolled, index="strong")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType,reportCallIssue]
    await journey.variations(task.varied, index="strong")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType,reportCallIssue]
    await journey.variations(task.panned, index="strong")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType,reportCallIssue]
    await journey.variations(task.painted, index="strong")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType,reportCallIssue]
    await journey.variations(task.widened, index="strong")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType,reportCallIssue]
    await journey.variations(task.blended, index="strong")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType,reportCallIssue]
    await journey.variations(task.grid, index="strong")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType,reportCallIssue]
    await journey.variations(task.enlarged, index="strong")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType,reportCallIssue]
    await journey.variations(task.midjourneys, index="strong")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType,reportCallIssue]
    await journey.variations(task.picture, index="strong")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType,reportCallIssue]
    await journey.variations(task.videos, index="strong")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType,reportCallIssue]
    await journey.variations(task.extended, index="strong")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType,reportCallIssue]
    await journey.variations(task.any_videos, index="strong")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType,reportCallIssue]
    await journey.variations(task.described, index="strong")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType,reportCallIssue]
    await journey.variations(task.shortened, index="strong")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType,reportCallIssue]
    await journey.variations(task.seed, index="strong")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType,reportCallIssue]
    await journey.variations(task.result, index="strong")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType,reportCallIssue]


async def upscale_1x_of_the_wrong_parent(journey: JourneyClient, task: Tasks) -> None:
    await journey.upscale_1x(task.upscaled, index=2)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.upscale_1x(task.enlarged, index=2)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.upscale_1x(task.midjourneys, index=2)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.upscale_1x(task.picture, index=2)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.upscale_1x(task.videos, index=2)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.upscale_1x(task.extended, index=2)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.upscale_1x(task.any_videos, index=2)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.upscale_1x(task.described, index=2)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.upscale_1x(task.shortened, index=2)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.upscale_1x(task.seed, index=2)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.upscale_1x(task.result, index=2)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


async def upscale_alt_of_the_wrong_parent(journey: JourneyClient, task: Tasks) -> None:
    await journey.upscale_alt(task.imagined, type="subtle")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.upscale_alt(task.rerolled, type="subtle")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.upscale_alt(task.varied, type="subtle")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.upscale_alt(task.panned, type="subtle")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.upscale_alt(task.painted, type="subtle")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.upscale_alt(task.widened, type="subtle")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.upscale_alt(task.blended, type="subtle")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.upscale_alt(task.grid, type="subtle")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.upscale_alt(task.enlarged, type="subtle")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.upscale_alt(task.midjourneys, type="subtle")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.upscale_alt(task.picture, type="subtle")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.upscale_alt(task.videos, type="subtle")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.upscale_alt(task.extended, type="subtle")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.upscale_alt(task.any_videos, type="subtle")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.upscale_alt(task.described, type="subtle")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.upscale_alt(task.shortened, type="subtle")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.upscale_alt(task.seed, type="subtle")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.upscale_alt(task.result, type="subtle")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


async def upscale_2x_4x_of_the_wrong_parent(journey: JourneyClient, task: Tasks) -> None:
    await journey.upscale_2x_4x(task.imagined, type="2x")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    await journey.upscale_2x_4x(task.rerolled, type="2x")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    await journey.upscale_2x_4x(task.varied, type="2x")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    await journey.upscale_2x_4x(task.panned, type="2x")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    await journey.upscale_2x_4x(task.painted, type="2x")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    await journey.upscale_2x_4x(task.widened, type="2x")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    await journey.upscale_2x_4x(task.blended, type="2x")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    await journey.upscale_2x_4x(task.grid, type="2x")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    await journey.upscale_2x_4x(task.picture, type="2x")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    await journey.upscale_2x_4x(task.videos, type="2x")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    await journey.upscale_2x_4x(task.extended, type="2x")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    await journey.upscale_2x_4x(task.any_videos, type="2x")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    await journey.upscale_2x_4x(task.described, type="2x")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    await journey.upscale_2x_4x(task.shortened, type="2x")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    await journey.upscale_2x_4x(task.seed, type="2x")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    await journey.upscale_2x_4x(task.result, type="2x")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]


async def upscale_2x_4x_of_a_tile_of_the_wrong_parent(journey: JourneyClient, task: Tasks) -> None:
    await journey.upscale_2x_4x(task.upscaled, type="2x", index=1)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    await journey.upscale_2x_4x(task.enlarged, type="2x", index=1)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    await journey.upscale_2x_4x(task.midjourneys, type="2x", index=1)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    await journey.upscale_2x_4x(task.picture, type="2x", index=1)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    await journey.upscale_2x_4x(task.videos, type="2x", index=1)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    await journey.upscale_2x_4x(task.extended, type="2x", index=1)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    await journey.upscale_2x_4x(task.any_videos, type="2x", index=1)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    await journey.upscale_2x_4x(task.described, type="2x", index=1)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    await journey.upscale_2x_4x(task.shortened, type="2x", index=1)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    await journey.upscale_2x_4x(task.seed, type="2x", index=1)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    await journey.upscale_2x_4x(task.result, type="2x", index=1)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]


async def pan_of_the_wrong_parent(journey: JourneyClient, task: Tasks) -> None:
    await journey.pan(task.imagined, direction="up")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.pan(task.rerolled, direction="up")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.pan(task.varied, direction="up")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.pan(task.panned, direction="up")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.pan(task.painted, direction="up")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.pan(task.widened, direction="up")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.pan(task.blended, direction="up")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.pan(task.grid, direction="up")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.pan(task.enlarged, direction="up")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.pan(task.midjourneys, direction="up")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.pan(task.picture, direction="up")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.pan(task.videos, direction="up")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.pan(task.extended, direction="up")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.pan(task.any_videos, direction="up")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.pan(task.described, direction="up")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.pan(task.shortened, direction="up")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.pan(task.seed, direction="up")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.pan(task.result, direction="up")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


async def inpaint_of_the_wrong_parent(journey: JourneyClient, task: Tasks) -> None:
    await journey.inpaint(task.imagined, mask=b"")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.inpaint(task.rerolled, mask=b"")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.inpaint(task.varied, mask=b"")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.inpaint(task.panned, mask=b"")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.inpaint(task.painted, mask=b"")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.inpaint(task.widened, mask=b"")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.inpaint(task.blended, mask=b"")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.inpaint(task.grid, mask=b"")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.inpaint(task.enlarged, mask=b"")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.inpaint(task.midjourneys, mask=b"")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.inpaint(task.picture, mask=b"")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.inpaint(task.videos, mask=b"")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.inpaint(task.extended, mask=b"")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.inpaint(task.any_videos, mask=b"")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.inpaint(task.described, mask=b"")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.inpaint(task.shortened, mask=b"")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.inpaint(task.seed, mask=b"")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.inpaint(task.result, mask=b"")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


async def outpaint_of_the_wrong_parent(journey: JourneyClient, task: Tasks) -> None:
    await journey.outpaint(task.imagined, zoom_ratio=2)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.outpaint(task.rerolled, zoom_ratio=2)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.outpaint(task.varied, zoom_ratio=2)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.outpaint(task.panned, zoom_ratio=2)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.outpaint(task.painted, zoom_ratio=2)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.outpaint(task.widened, zoom_ratio=2)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.outpaint(task.blended, zoom_ratio=2)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.outpaint(task.grid, zoom_ratio=2)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.outpaint(task.enlarged, zoom_ratio=2)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.outpaint(task.midjourneys, zoom_ratio=2)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.outpaint(task.picture, zoom_ratio=2)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.outpaint(task.videos, zoom_ratio=2)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.outpaint(task.extended, zoom_ratio=2)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.outpaint(task.any_videos, zoom_ratio=2)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.outpaint(task.described, zoom_ratio=2)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.outpaint(task.shortened, zoom_ratio=2)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.outpaint(task.seed, zoom_ratio=2)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.outpaint(task.result, zoom_ratio=2)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


async def seeds_of_the_wrong_parent(journey: JourneyClient, task: Tasks) -> None:
    await journey.seed(task.picture)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.seed(task.videos)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.seed(task.extended)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.seed(task.any_videos)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.seed(task.described)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.seed(task.shortened)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.seed(task.seed)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.seed(task.result)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


async def extend_video_of_the_wrong_parent(journey: JourneyClient, task: Tasks) -> None:
    await journey.extend_video(task.imagined, index=1, prompt="it runs")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.extend_video(task.rerolled, index=1, prompt="it runs")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.extend_video(task.varied, index=1, prompt="it runs")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.extend_video(task.panned, index=1, prompt="it runs")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.extend_video(task.painted, index=1, prompt="it runs")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.extend_video(task.widened, index=1, prompt="it runs")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.extend_video(task.blended, index=1, prompt="it runs")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.extend_video(task.grid, index=1, prompt="it runs")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.extend_video(task.upscaled, index=1, prompt="it runs")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.extend_video(task.enlarged, index=1, prompt="it runs")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.extend_video(task.midjourneys, index=1, prompt="it runs")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.extend_video(task.picture, index=1, prompt="it runs")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.extend_video(task.any_videos, index=1, prompt="it runs")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.extend_video(task.described, index=1, prompt="it runs")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.extend_video(task.shortened, index=1, prompt="it runs")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.extend_video(task.seed, index=1, prompt="it runs")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.extend_video(task.result, index=1, prompt="it runs")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


async def the_wrong_direction_is_no_direction(journey: JourneyClient, upscaled: Task[UpscaledPicture]) -> None:
    await journey.pan(upscaled, direction="west")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.pan(upscaled, direction="Up")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.pan(upscaled)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


async def an_index_is_one_of_four(
    journey: JourneyClient, grid: Task[ImagineGrid], upscaled: Task[UpscaledPicture], videos: Task[ImagineVideos]
) -> None:
    await journey.upscale_1x(grid, index=0)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.upscale_1x(grid, index=5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.upscale_1x(grid, index="5")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.upscale_1x(grid, index=True)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.upscale_1x(grid, index="strong")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.upscale_1x(grid)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await journey.upscale_1x(grid, 2)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await journey.variations(grid, index=0)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType,reportCallIssue]
    await journey.variations(grid, index="5")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType,reportCallIssue]
    await journey.variations(upscaled, index="weak")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType,reportCallIssue]
    await journey.variations(grid)  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
    await journey.upscale_2x_4x(grid, type="2x", index=5)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    await journey.extend_video(videos, index=0, prompt="it runs")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.extend_video(videos, index="strong", prompt="it runs")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.extend_video(videos, prompt="it runs")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


async def ids_do_not_help_a_wrong_index(journey: JourneyClient, task_id: str) -> None:
    await journey.variations(task_id, index="weak")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType,reportCallIssue]
    await journey.upscale_1x(task_id, index=0)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


async def an_enlargement_has_one_source(
    journey: JourneyClient, grid: Task[ImagineGrid], upscaled: Task[UpscaledPicture]
) -> None:
    await journey.upscale_2x_4x(upscaled, type="2x", image_url=URL)  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
    await journey.upscale_2x_4x("t-1", type="2x", image_url=URL)  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
    await journey.upscale_2x_4x(type="2x")  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
    await journey.upscale_2x_4x(type="2x", index=1, image_url=URL)  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
    await journey.upscale_2x_4x(upscaled, type="2x", index=1)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    await journey.upscale_2x_4x(grid, type="2x")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    await journey.upscale_2x_4x(upscaled, type="3x")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    await journey.upscale_2x_4x(upscaled)  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
    await journey.upscale_2x_4x(None, type="2x")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]


async def other_choices(journey: JourneyClient, upscaled: Task[UpscaledPicture]) -> None:
    await journey.upscale_alt(upscaled, type="strong")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.upscale_alt(upscaled)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await journey.outpaint(upscaled, zoom_ratio=2, aspect_ratio="5:4")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.outpaint(upscaled)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await journey.inpaint(upscaled)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await journey.blend([URL, URL], dimension="wide")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.blend(7)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.imagine_video("it walks", image_url=URL, motion="fast")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.imagine_video("it walks")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await journey.faceswap(URL)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


async def what_midjourney_does_not_take(journey: JourneyClient) -> None:
    await journey.imagine("an elk", negative_prompt="people")  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
    await journey.imagine("an elk", output_format="png")  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
    await journey.imagine("an elk", resolution="2K")  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
    await journey.imagine("an elk", image_url=URL)  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
    await journey.imagine("an elk", aspect_ratio="5:4")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    await journey.imagine()  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
    await journey.imagine(prompt="an elk")  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]


async def no_parent_where_none_is_taken(journey: JourneyClient, grid: Task[ImagineGrid]) -> None:
    await journey.imagine(grid)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    await journey.describe(grid)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.shorten(grid)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.imagine_video(grid, image_url=URL)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


async def no_parent_where_one_is_needed(journey: JourneyClient) -> None:
    await journey.reroll()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await journey.variations(index=1)  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
    await journey.upscale_1x(index=1)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await journey.pan(None, direction="up")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.seed(7)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


async def options_are_typed(journey: JourneyClient, grid: Task[ImagineGrid]) -> None:
    await journey.upscale_1x(grid, index=1, webhook="https://example.com/hook")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await journey.upscale_1x(grid, index=1, webhook_secret=b"s3cret")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.upscale_1x(grid, index=1, extra=[("sref", "7")])  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await journey.upscale_1x(grid, index=1, timeout=3)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


async def a_wider_task_is_no_narrower_one(
    journey: JourneyClient, grid: Task[Grid], picture: Task[Picture], known: PictureModel
) -> None:
    imagined: Task[ImagineGrid] = grid  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
    upscaled: Task[UpscaledPicture] = picture  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
    not_a_grid: Task[ImagineGrid] = await journey.imagine("an elk", model=known)  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
    not_a_picture: Task[Picture] = await journey.imagine("an elk")  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
    result: PanGrid = await grid  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]


# ---------------------------------------------------------------------------------------------------------------------
# Buttons, progress and files


async def buttons(journey: JourneyClient, tasks: Tasks) -> None:
    for action in tasks.imagined.next_actions(secret="canary"):
        assert_type(action, NextAction)
        assert_type(await journey.act(action.token, secret=b"canary", prompt="a lake"), Task[Any])
    await journey.act(tasks.imagined)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
    await journey.act(tasks.imagined.next_actions()[0])  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
    await journey.act("j1:", "canary")  # type: ignore[call-arg] # pyright: ignore[reportCallIssue]
    tasks.imagined.next_actions("canary")  # type: ignore[call-arg] # pyright: ignore[reportCallIssue]


async def progress(journey: JourneyClient, tasks: Tasks) -> None:
    async for state in tasks.upscaled.updates(min_interval=2, until=840.0):
        assert_type(state, TaskState[UpscaledPicture])
    assert_type(tasks.imagined.time_left, float | None)
    tasks.imagined.updates(2, 840)  # type: ignore[call-arg] # pyright: ignore[reportCallIssue]
    tasks.imagined.updates(min_interval=None)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
    assert_type(journey.statistics, Statistics)


async def downloads(journey: JourneyClient, tasks: Tasks, outcome: Outcome, row: NodeFinished[ImagineGrid]) -> None:
    assert_type(await journey.download(tasks.imagined, "elk"), tuple[Path, ...])
    await journey.download(await tasks.imagined, Path("elk"), name="{key}.{ext}", sheet=True)
    await journey.download([tasks.imagined, await tasks.upscaled, row, Wanted(result=await tasks.videos)], "elk")
    await journey.download((tasks.imagined, tasks.upscaled), "elk")
    await journey.download(outcome, "elk")
    await journey.download(row, "elk")
    async with journey.downloading(tasks.imagined, "elk") as files:
        async for file in files:
            assert_type(file, DownloadProgress)
    await journey.download("a-task-id", "elk")  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
    await journey.download(["a-task-id"], "elk")  # type: ignore[list-item] # pyright: ignore[reportArgumentType]
    await journey.download(tasks.imagined)  # type: ignore[call-arg] # pyright: ignore[reportCallIssue]
