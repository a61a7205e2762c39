# pyright: reportUnusedVariable=false
"""What type checkers make of graphs: never run, only checked.

Each illegal call carries an ignore for mypy and one for pyright. A signature that is loosened leaves an ignore without
use, and both checkers then fail.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, assert_type

from journey_async import (
    BlendGrid,
    Credits,
    Description,
    EnlargedPicture,
    ExtendedVideos,
    Grid,
    ImagineGrid,
    ImagineVideos,
    InpaintGrid,
    MidjourneyPicture,
    Node,
    OutpaintGrid,
    PanGrid,
    Picture,
    RerollGrid,
    Result,
    Seed,
    Shortening,
    TaskGraph,
    UpscaledPicture,
    VariationGrid,
    Videos,
)

if TYPE_CHECKING:
    from journey_async import Task
    from journey_async.core.models import PictureModel

URL = "https://example.com/photo.jpg"


class Nodes:
    """One node of each kind."""

    imagined: Node[ImagineGrid]
    rerolled: Node[RerollGrid]
    varied: Node[VariationGrid]
    panned: Node[PanGrid]
    painted: Node[InpaintGrid]
    widened: Node[OutpaintGrid]
    blended: Node[BlendGrid]
    grid: Node[Grid]
    upscaled: Node[UpscaledPicture]
    enlarged: Node[EnlargedPicture]
    midjourneys: Node[MidjourneyPicture]
    picture: Node[Picture]
    videos: Node[ImagineVideos]
    extended: Node[ExtendedVideos]
    any_videos: Node[Videos]
    described: Node[Description]
    shortened: Node[Shortening]
    seed: Node[Seed]
    result: Node[Result]


# ---------------------------------------------------------------------------------------------------------------------
# Legal: each call is pinned to its exact type, for which an Any will not do


def beginnings(graph: TaskGraph) -> None:
    assert_type(graph.imagine("an elk"), Node[ImagineGrid])
    assert_type(graph.imagine("an elk", model="midjourney", aspect_ratio="16:9"), Node[ImagineGrid])
    assert_type(graph.blend([URL, URL], dimension="square"), Node[BlendGrid])
    assert_type(graph.describe(URL), Node[Description])
    assert_type(graph.shorten("an elk, an elk, an elk"), Node[Shortening])
    assert_type(graph.faceswap(URL, swap_image_url=URL), Node[Picture])
    assert_type(graph.faceswap(target_image_url=URL, swap_image_url=URL), Node[Picture])
    assert_type(graph.imagine_video("it walks", image_url=URL, motion="low"), Node[ImagineVideos])


def models(graph: TaskGraph, known: PictureModel, unknown: str) -> None:
    assert_type(graph.imagine("an elk", model="flux-pro", output_format="png", resolution="2K"), Node[Picture])
    assert_type(graph.imagine("an elk", model=known, image_url=URL, negative_prompt="people"), Node[Picture])
    something = graph.imagine("an elk", model=unknown, aspect_ratio="5:4")
    assert_type(something, Node[Any])
    grid: Node[ImagineGrid] = something
    graph.upscale_1x(something, index=1)


def grids(graph: TaskGraph, node: Nodes) -> None:
    assert_type(graph.reroll(node.imagined), Node[RerollGrid])
    assert_type(graph.reroll(node.imagined, prompt="a moose"), Node[RerollGrid])

    assert_type(graph.upscale_1x(node.imagined, index=2), Node[UpscaledPicture])
    assert_type(graph.upscale_1x(node.rerolled, index="2"), Node[UpscaledPicture])
    assert_type(graph.upscale_1x(node.varied, index=1), Node[UpscaledPicture])
    assert_type(graph.upscale_1x(node.panned, index=3), Node[UpscaledPicture])
    assert_type(graph.upscale_1x(node.painted, index=4), Node[UpscaledPicture])
    assert_type(graph.upscale_1x(node.widened, index=4), Node[UpscaledPicture])
    assert_type(graph.upscale_1x(node.blended, index=4), Node[UpscaledPicture])
    assert_type(graph.upscale_1x(node.grid, index=4), Node[UpscaledPicture])

    assert_type(graph.variations(node.imagined, index=1), Node[VariationGrid])
    assert_type(graph.variations(node.rerolled, index="4"), Node[VariationGrid])
    assert_type(graph.variations(node.varied, index=2), Node[VariationGrid])
    assert_type(graph.variations(node.panned, index=3), Node[VariationGrid])
    assert_type(graph.variations(node.grid, index=3), Node[VariationGrid])

    assert_type(graph.upscale_2x_4x(node.imagined, type="2x", index=1), Node[EnlargedPicture])
    assert_type(graph.upscale_2x_4x(node.grid, type="4x", index="4"), Node[EnlargedPicture])
    assert_type(graph.seed(node.imagined), Node[Seed])
    assert_type(graph.seed(node.grid), Node[Seed])


def pictures(graph: TaskGraph, node: Nodes) -> None:
    assert_type(graph.variations(node.upscaled, index="strong"), Node[VariationGrid])
    assert_type(graph.variations(node.upscaled, index="subtle"), Node[VariationGrid])
    assert_type(graph.upscale_alt(node.upscaled, type="subtle"), Node[EnlargedPicture])
    assert_type(graph.pan(node.upscaled, direction="left"), Node[PanGrid])
    assert_type(graph.inpaint(node.upscaled, mask=b"", prompt="a lake"), Node[InpaintGrid])
    assert_type(graph.inpaint(node.upscaled, mask=Path("mask.png")), Node[InpaintGrid])
    assert_type(graph.inpaint(node.upscaled, mask="data:image/png;base64,"), Node[InpaintGrid])
    assert_type(graph.outpaint(node.upscaled, zoom_ratio=1.5, aspect_ratio="3:2", prompt="a lake"), Node[OutpaintGrid])
    assert_type(graph.outpaint(node.upscaled, zoom_ratio="1"), Node[OutpaintGrid])
    assert_type(graph.upscale_2x_4x(node.upscaled, type="2x"), Node[EnlargedPicture])
    assert_type(graph.upscale_2x_4x(node.enlarged, type="4x"), Node[EnlargedPicture])
    assert_type(graph.upscale_2x_4x(node.midjourneys, type="4x"), Node[EnlargedPicture])
    assert_type(graph.upscale_2x_4x(image_url=URL, type="2x"), Node[EnlargedPicture])
    assert_type(graph.seed(node.upscaled), Node[Seed])
    assert_type(graph.seed(node.enlarged), Node[Seed])


def clips(graph: TaskGraph, made: Node[ImagineVideos], extended: Node[ExtendedVideos]) -> None:
    assert_type(graph.extend_video(made, index=1, prompt="it runs", motion="high"), Node[ExtendedVideos])
    assert_type(graph.extend_video(extended, index="4", prompt="it rests", image_url=URL), Node[ExtendedVideos])


def existing_tasks(graph: TaskGraph, panned: Task[PanGrid], found: Task[Any], task_id: str) -> None:
    assert_type(graph.existing(panned), Node[PanGrid])
    assert_type(graph.existing(found), Node[Any])
    assert_type(graph.existing(task_id, key="old"), Node[Any])
    assert_type(graph.existing(task_id, kind=UpscaledPicture), Node[UpscaledPicture])
    assert_type(graph.existing(found, kind=ImagineGrid), Node[ImagineGrid])
    assert_type(graph.upscale_1x(graph.existing(panned), index=1), Node[UpscaledPicture])
    graph.pan(graph.existing(task_id), direction="up")
    graph.reroll(graph.existing(found))


async def best(grid: Grid) -> int:
    return len(grid.image_urls)


async def best_if_any(grid: Grid) -> int | str | None:
    return grid.image_urls[0] or None


async def how(picture: UpscaledPicture) -> str | None:
    return picture.image_url or None


async def which_video(videos: Videos) -> int:
    return len(videos.video_urls)


async def best_of_pans(grid: PanGrid) -> int:
    return len(grid.image_urls)


def at_once(grid: Grid) -> int:
    return len(grid.image_urls)


def choices(graph: TaskGraph, node: Nodes) -> None:
    assert_type(graph.upscale_1x(node.imagined, index=best), Node[UpscaledPicture])
    assert_type(graph.upscale_1x(node.grid, index=best_if_any), Node[UpscaledPicture])
    assert_type(graph.upscale_1x(node.panned, index=lambda grid: best(grid)), Node[UpscaledPicture])  # noqa: PLW0108
    assert_type(graph.variations(node.rerolled, index=best), Node[VariationGrid])
    assert_type(graph.variations(node.upscaled, index=how), Node[VariationGrid])
    assert_type(graph.upscale_2x_4x(node.imagined, type="2x", index=best), Node[EnlargedPicture])
    assert_type(graph.extend_video(node.videos, index=which_video, prompt="it runs"), Node[ExtendedVideos])


def keys_and_nodes(graph: TaskGraph, node: Nodes) -> None:
    assert_type(graph.imagine("an elk", key="elk"), Node[ImagineGrid])
    assert_type(graph.upscale_1x(node.imagined, index=1, key=None), Node[UpscaledPicture])
    assert_type(graph["elk"], Node[Any])
    assert_type(graph.children(node.imagined), tuple[Node[Any], ...])
    assert_type(graph.credits, Credits)
    assert_type(int(graph.credits), int)
    assert_type(node.imagined.kind, type[ImagineGrid])
    for each in graph:
        assert_type(each, Node[Any])


def options(graph: TaskGraph, grid: Node[ImagineGrid]) -> None:
    graph.imagine("an elk", webhook_url=URL, webhook_secret="s3cret", extra={"sref": "7"})
    graph.imagine("an elk", model="flux-pro", webhook_url=None, webhook_secret=None, extra=None)
    graph.upscale_1x(grid, index=1, webhook_url=URL, webhook_secret="s3cret", extra={"sref": "7"})


def a_narrower_node_is_a_wider_one(panned: Node[PanGrid], upscaled: Node[UpscaledPicture]) -> None:
    grid: Node[Grid] = panned
    picture: Node[MidjourneyPicture] = upscaled
    plain: Node[Picture] = upscaled
    anything: Node[Result] = panned


# ---------------------------------------------------------------------------------------------------------------------
# Illegal: each call is refused by both checkers


def reroll_of_the_wrong_parent(graph: TaskGraph, node: Nodes) -> None:
    graph.reroll(node.rerolled)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.reroll(node.varied)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.reroll(node.panned)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.reroll(node.painted)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.reroll(node.widened)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.reroll(node.blended)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.reroll(node.grid)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.reroll(node.upscaled)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.reroll(node.enlarged)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.reroll(node.midjourneys)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.reroll(node.picture)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.reroll(node.videos)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.reroll(node.extended)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.reroll(node.any_videos)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.reroll(node.described)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.reroll(node.shortened)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.reroll(node.seed)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.reroll(node.result)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def variations_of_a_tile_of_the_wrong_parent(graph: TaskGraph, node: Nodes) -> None:
    graph.variations(node.upscaled, index=1)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType,reportCallIssue]
    graph.variations(node.enlarged, index=1)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType,reportCallIssue]
    graph.variations(node.midjourneys, index=1)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType,reportCallIssue]
    graph.variations(node.picture, index=1)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType,reportCallIssue]
    graph.variations(node.videos, index=1)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType,reportCallIssue]
    graph.variations(node.extended, index=1)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType,reportCallIssue]
    graph.variations(node.any_videos, index=1)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType,reportCallIssue]
    graph.variations(node.described, index=1)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType,reportCallIssue]
    graph.variations(node.shortened, index=1)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType,reportCallIssue]
    graph.variations(node.seed, index=1)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType,reportCallIssue]
    graph.variations(node.result, index=1)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType,reportCallIssue]


def strong_variations_of_the_wrong_parent(graph: TaskGraph, node: Nodes) -> None:
    graph.variations(node.imagined, index="strong")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType,reportCallIssue]
    graph.variations(node.rerolled, index="strong")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType,reportCallIssue]
    graph.variations(node.varied, index="strong")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType,reportCallIssue]
    graph.variations(node.panned, index="strong")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType,reportCallIssue]
    graph.variations(node.painted, index="strong")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType,reportCallIssue]
    graph.variations(node.widened, index="strong")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType,reportCallIssue]
    graph.variations(node.blended, index="strong")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType,reportCallIssue]
    graph.variations(node.grid, index="strong")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType,reportCallIssue]
    graph.variations(node.enlarged, index="strong")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType,reportCallIssue]
    graph.variations(node.midjourneys, index="strong")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType,reportCallIssue]
    graph.variations(node.picture, index="strong")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType,reportCallIssue]
    graph.variations(node.videos, index="strong")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType,reportCallIssue]
    graph.variations(node.extended, index="strong")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType,reportCallIssue]
    graph.variations(node.any_videos, index="strong")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType,reportCallIssue]
    graph.variations(node.described, index="strong")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType,reportCallIssue]
    graph.variations(node.shortened, index="strong")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType,reportCallIssue]
    graph.variations(node.seed, index="strong")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType,reportCallIssue]
    graph.variations(node.result, index="strong")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType,reportCallIssue]


def upscale_1x_of_the_wrong_parent(graph: TaskGraph, node: Nodes) -> None:
    graph.upscale_1x(node.upscaled, index=2)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.upscale_1x(node.enlarged, index=2)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.upscale_1x(node.midjourneys, index=2)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.upscale_1x(node.picture, index=2)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.upscale_1x(node.videos, index=2)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.upscale_1x(node.extended, index=2)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.upscale_1x(node.any_videos, index=2)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.upscale_1x(node.described, index=2)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.upscale_1x(node.shortened, index=2)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.upscale_1x(node.seed, index=2)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.upscale_1x(node.result, index=2)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def upscale_alt_of_the_wrong_parent(graph: TaskGraph, node: Nodes) -> None:
    graph.upscale_alt(node.imagined, type="subtle")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.upscale_alt(node.rerolled, type="subtle")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.upscale_alt(node.varied, type="subtle")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.upscale_alt(node.panned, type="subtle")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.upscale_alt(node.painted, type="subtle")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.upscale_alt(node.widened, type="subtle")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.upscale_alt(node.blended, type="subtle")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.upscale_alt(node.grid, type="subtle")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.upscale_alt(node.enlarged, type="subtle")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.upscale_alt(node.midjourneys, type="subtle")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.upscale_alt(node.picture, type="subtle")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.upscale_alt(node.videos, type="subtle")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.upscale_alt(node.extended, type="subtle")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.upscale_alt(node.any_videos, type="subtle")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.upscale_alt(node.described, type="subtle")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.upscale_alt(node.shortened, type="subtle")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.upscale_alt(node.seed, type="subtle")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.upscale_alt(node.result, type="subtle")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def upscale_2x_4x_of_the_wrong_parent(graph: TaskGraph, node: Nodes) -> None:
    graph.upscale_2x_4x(node.imagined, type="2x")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    graph.upscale_2x_4x(node.rerolled, type="2x")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    graph.upscale_2x_4x(node.varied, type="2x")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    graph.upscale_2x_4x(node.panned, type="2x")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    graph.upscale_2x_4x(node.painted, type="2x")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    graph.upscale_2x_4x(node.widened, type="2x")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    graph.upscale_2x_4x(node.blended, type="2x")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    graph.upscale_2x_4x(node.grid, type="2x")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    graph.upscale_2x_4x(node.picture, type="2x")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    graph.upscale_2x_4x(node.videos, type="2x")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    graph.upscale_2x_4x(node.extended, type="2x")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    graph.upscale_2x_4x(node.any_videos, type="2x")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    graph.upscale_2x_4x(node.described, type="2x")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    graph.upscale_2x_4x(node.shortened, type="2x")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    graph.upscale_2x_4x(node.seed, type="2x")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    graph.upscale_2x_4x(node.result, type="2x")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]


def upscale_2x_4x_of_a_tile_of_the_wrong_parent(graph: TaskGraph, node: Nodes) -> None:
    graph.upscale_2x_4x(node.upscaled, type="2x", index=1)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    graph.upscale_2x_4x(node.enlarged, type="2x", index=1)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    graph.upscale_2x_4x(node.midjourneys, type="2x", index=1)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    graph.upscale_2x_4x(node.picture, type="2x", index=1)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    graph.upscale_2x_4x(node.videos, type="2x", index=1)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    graph.upscale_2x_4x(node.extended, type="2x", index=1)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    graph.upscale_2x_4x(node.any_videos, type="2x", index=1)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    graph.upscale_2x_4x(node.described, type="2x", index=1)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    graph.upscale_2x_4x(node.shortened, type="2x", index=1)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    graph.upscale_2x_4x(node.seed, type="2x", index=1)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    graph.upscale_2x_4x(node.result, type="2x", index=1)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]


def pan_of_the_wrong_parent(graph: TaskGraph, node: Nodes) -> None:
    graph.pan(node.imagined, direction="up")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.pan(node.rerolled, direction="up")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.pan(node.varied, direction="up")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.pan(node.panned, direction="up")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.pan(node.painted, direction="up")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.pan(node.widened, direction="up")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.pan(node.blended, direction="up")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.pan(node.grid, direction="up")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.pan(node.enlarged, direction="up")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.pan(node.midjourneys, direction="up")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.pan(node.picture, direction="up")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.pan(node.videos, direction="up")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.pan(node.extended, direction="up")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.pan(node.any_videos, direction="up")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.pan(node.described, direction="up")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.pan(node.shortened, direction="up")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.pan(node.seed, direction="up")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.pan(node.result, direction="up")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def inpaint_of_the_wrong_parent(graph: TaskGraph, node: Nodes) -> None:
    graph.inpaint(node.imagined, mask=b"")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.inpaint(node.rerolled, mask=b"")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.inpaint(node.varied, mask=b"")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.inpaint(node.panned, mask=b"")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.inpaint(node.painted, mask=b"")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.inpaint(node.widened, mask=b"")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.inpaint(node.blended, mask=b"")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.inpaint(node.grid, mask=b"")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.inpaint(node.enlarged, mask=b"")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.inpaint(node.midjourneys, mask=b"")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.inpaint(node.picture, mask=b"")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.inpaint(node.videos, mask=b"")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.inpaint(node.extended, mask=b"")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.inpaint(node.any_videos, mask=b"")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.inpaint(node.described, mask=b"")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.inpaint(node.shortened, mask=b"")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.inpaint(node.seed, mask=b"")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.inpaint(node.result, mask=b"")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def outpaint_of_the_wrong_parent(graph: TaskGraph, node: Nodes) -> None:
    graph.outpaint(node.imagined, zoom_ratio=2)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.outpaint(node.rerolled, zoom_ratio=2)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.outpaint(node.varied, zoom_ratio=2)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.outpaint(node.panned, zoom_ratio=2)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.outpaint(node.painted, zoom_ratio=2)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.outpaint(node.widened, zoom_ratio=2)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.outpaint(node.blended, zoom_ratio=2)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.outpaint(node.grid, zoom_ratio=2)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.outpaint(node.enlarged, zoom_ratio=2)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.outpaint(node.midjourneys, zoom_ratio=2)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.outpaint(node.picture, zoom_ratio=2)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.outpaint(node.videos, zoom_ratio=2)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.outpaint(node.extended, zoom_ratio=2)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.outpaint(node.any_videos, zoom_ratio=2)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.outpaint(node.described, zoom_ratio=2)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.outpaint(node.shortened, zoom_ratio=2)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.outpaint(node.seed, zoom_ratio=2)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.outpaint(node.result, zoom_ratio=2)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def seeds_of_the_wrong_parent(graph: TaskGraph, node: Nodes) -> None:
    graph.seed(node.picture)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.seed(node.videos)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.seed(node.extended)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.seed(node.any_videos)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.seed(node.described)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.seed(node.shortened)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.seed(node.seed)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.seed(node.result)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def extend_video_of_the_wrong_parent(graph: TaskGraph, node: Nodes) -> None:
    graph.extend_video(node.imagined, index=1, prompt="it runs")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.extend_video(node.rerolled, index=1, prompt="it runs")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.extend_video(node.varied, index=1, prompt="it runs")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.extend_video(node.panned, index=1, prompt="it runs")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.extend_video(node.painted, index=1, prompt="it runs")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.extend_video(node.widened, index=1, prompt="it runs")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.extend_video(node.blended, index=1, prompt="it runs")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.extend_video(node.grid, index=1, prompt="it runs")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.extend_video(node.upscaled, index=1, prompt="it runs")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.extend_video(node.enlarged, index=1, prompt="it runs")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.extend_video(node.midjourneys, index=1, prompt="it runs")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.extend_video(node.picture, index=1, prompt="it runs")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.extend_video(node.any_videos, index=1, prompt="it runs")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.extend_video(node.described, index=1, prompt="it runs")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.extend_video(node.shortened, index=1, prompt="it runs")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.extend_video(node.seed, index=1, prompt="it runs")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.extend_video(node.result, index=1, prompt="it runs")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def the_wrong_direction_is_no_direction(graph: TaskGraph, upscaled: Node[UpscaledPicture]) -> None:
    graph.pan(upscaled, direction="west")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.pan(upscaled, direction="Up")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.pan(upscaled)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


def an_index_is_one_of_four(
    graph: TaskGraph, grid: Node[ImagineGrid], upscaled: Node[UpscaledPicture], videos: Node[ImagineVideos]
) -> None:
    graph.upscale_1x(grid, index=0)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.upscale_1x(grid, index=5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.upscale_1x(grid, index="5")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.upscale_1x(grid, index=True)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.upscale_1x(grid, index="strong")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.upscale_1x(grid)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    graph.upscale_1x(grid, 2)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    graph.variations(grid, index=0)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType,reportCallIssue]
    graph.variations(grid, index="5")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType,reportCallIssue]
    graph.variations(upscaled, index="weak")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType,reportCallIssue]
    graph.variations(grid)  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
    graph.upscale_2x_4x(grid, type="2x", index=5)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    graph.extend_video(videos, index=0, prompt="it runs")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.extend_video(videos, index="strong", prompt="it runs")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.extend_video(videos, prompt="it runs")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


def an_enlargement_has_one_source(graph: TaskGraph, grid: Node[ImagineGrid], upscaled: Node[UpscaledPicture]) -> None:
    graph.upscale_2x_4x(upscaled, type="2x", image_url=URL)  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
    graph.upscale_2x_4x(type="2x")  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
    graph.upscale_2x_4x(type="2x", index=1, image_url=URL)  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
    graph.upscale_2x_4x(upscaled, type="2x", index=1)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    graph.upscale_2x_4x(grid, type="2x")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    graph.upscale_2x_4x(upscaled, type="3x")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    graph.upscale_2x_4x(upscaled)  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]


def other_choices(graph: TaskGraph, upscaled: Node[UpscaledPicture]) -> None:
    graph.upscale_alt(upscaled, type="strong")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.upscale_alt(upscaled)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    graph.outpaint(upscaled, zoom_ratio=2, aspect_ratio="5:4")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.outpaint(upscaled)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    graph.inpaint(upscaled)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    graph.blend([URL, URL], dimension="wide")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.blend(7)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.imagine_video("it walks", image_url=URL, motion="fast")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.imagine_video("it walks")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    graph.faceswap(URL)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


def what_midjourney_does_not_take(graph: TaskGraph) -> None:
    graph.imagine("an elk", negative_prompt="people")  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
    graph.imagine("an elk", output_format="png")  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
    graph.imagine("an elk", resolution="2K")  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
    graph.imagine("an elk", image_url=URL)  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
    graph.imagine("an elk", aspect_ratio="5:4")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    graph.imagine()  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
    graph.imagine(prompt="an elk")  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]


def no_parent_where_none_is_taken(graph: TaskGraph, grid: Node[ImagineGrid]) -> None:
    graph.imagine(grid)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    graph.describe(grid)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.shorten(grid)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.imagine_video(grid, image_url=URL)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def no_parent_where_one_is_needed(graph: TaskGraph) -> None:
    graph.reroll()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    graph.variations(index=1)  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
    graph.upscale_1x(index=1)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    graph.pan(None, direction="up")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.seed(7)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def options_are_typed(graph: TaskGraph, grid: Node[ImagineGrid]) -> None:
    graph.upscale_1x(grid, index=1, webhook="https://example.com/hook")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    graph.upscale_1x(grid, index=1, webhook_secret=b"s3cret")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.upscale_1x(grid, index=1, extra=[("sref", "7")])  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.upscale_1x(grid, index=1, timeout=3)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


def a_wider_node_is_no_narrower_one(
    graph: TaskGraph, grid: Node[Grid], picture: Node[Picture], known: PictureModel
) -> None:
    imagined: Node[ImagineGrid] = grid  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
    upscaled: Node[UpscaledPicture] = picture  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
    not_a_grid: Node[ImagineGrid] = graph.imagine("an elk", model=known)  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
    not_a_picture: Node[Picture] = graph.imagine("an elk")  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]


def a_task_or_an_id_is_no_node(graph: TaskGraph, imagined: Task[ImagineGrid], task_id: str) -> None:
    graph.upscale_1x(imagined, index=1)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.upscale_1x(task_id, index=1)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.existing(7)  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue,reportArgumentType]
    graph.existing(task_id, kind="Grid")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    graph.pan(graph.existing(imagined), direction="up")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.pan(graph.existing(task_id, kind=ImagineGrid), direction="up")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def a_choice_is_async_and_made_for_its_parent(graph: TaskGraph, node: Nodes) -> None:
    graph.upscale_1x(node.imagined, index=at_once)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.upscale_1x(node.imagined, index=best_of_pans)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.upscale_1x(node.imagined, index=how)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.upscale_1x(node.imagined, index=which_video)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    graph.variations(node.upscaled, index=best)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType,reportCallIssue]
    graph.variations(node.imagined, index=how)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType,reportCallIssue]
    graph.upscale_2x_4x(node.upscaled, type="2x", index=best)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    graph.pan(node.upscaled, direction=best)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def a_key_is_a_text(graph: TaskGraph, node: Nodes) -> None:
    graph.imagine("an elk", key=7)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    graph.pan(node.upscaled, direction="up", key=b"left")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
