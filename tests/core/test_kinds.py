"""What a task is, told from the service's reply."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey_async.core.kinds import (
    BlendGrid,
    Description,
    EnlargedPicture,
    ExtendedVideos,
    Grid,
    ImagineGrid,
    ImagineVideos,
    InpaintGrid,
    Kind,
    OutpaintGrid,
    PanGrid,
    Picture,
    RerollGrid,
    Result,
    Seed,
    Shortening,
    UpscaledPicture,
    VariationGrid,
    Videos,
    kind_of,
)
from tests.core import chance

BY_TASK_TYPE: dict[str, Kind] = {
    "reroll": RerollGrid,
    "variation-1": VariationGrid,
    "variation-2": VariationGrid,
    "variation-3": VariationGrid,
    "variation-4": VariationGrid,
    "variation-strong": VariationGrid,
    "variation-subtle": VariationGrid,
    "pan-up": PanGrid,
    "pan-down": PanGrid,
    "pan-left": PanGrid,
    "pan-right": PanGrid,
    "blend": BlendGrid,
    "inpaint": InpaintGrid,
    "outpaint": OutpaintGrid,
    "outpaint-1": OutpaintGrid,
    "outpaint-1.5": OutpaintGrid,
    "outpaint-2": OutpaintGrid,
    "upscale#1": UpscaledPicture,
    "upscale-1x": UpscaledPicture,
    "upscale-subtle": EnlargedPicture,
    "upscale-creative": EnlargedPicture,
    "upscale-2x": EnlargedPicture,
    "upscale-4x": EnlargedPicture,
    "faceswap": Picture,
    "imagine-video": ImagineVideos,
    "imagine-video-extend": ExtendedVideos,
    "describe": Description,
    "shorten": Shortening,
    "seed": Seed,
}


@pytest.mark.parametrize(("task_type", "kind"), BY_TASK_TYPE.items())
def test_every_task_type_has_its_kind_whatever_the_model(task_type: str, kind: Kind) -> None:
    assert kind_of({"task_type": task_type}) is kind
    assert kind_of({"task_type": task_type, "model": "midjourney"}) is kind


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        ({"model": "midjourney"}, ImagineGrid),
        ({"model": "flux-pro"}, Picture),
        ({"model": "a-model-of-tomorrow"}, Picture),
        ({"model": "midjourney", "image_url": "u"}, ImagineGrid),
        ({"image_urls": []}, ImagineGrid),
        ({"original_image_url": "s"}, ImagineGrid),
        ({"image_url": "u"}, Picture),
        ({"model": None, "image_url": "u"}, Picture),
        ({}, Result),
    ],
)
def test_an_imagine_is_a_grid_of_midjourneys_or_a_picture(reply: dict[str, Any], kind: Kind) -> None:
    assert kind_of({"task_type": "imagine", **reply}) is kind


@pytest.mark.parametrize("named", [{}, {"task_type": None}, {"task_type": 7}, {"task_type": "animate"}])
@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        ({"original_image_url": "s", "image_urls": []}, Grid),
        ({"video_urls": []}, Videos),
        ({"image_url": "u"}, Picture),
        ({"image_urls": []}, Result),
        ({}, Result),
    ],
)
def test_without_a_known_task_type_the_shape_tells_the_kind(
    named: dict[str, Any], reply: dict[str, Any], kind: Kind
) -> None:
    assert kind_of({**named, **reply}) is kind


@pytest.mark.parametrize("task_type", ["Reroll", "upscale", "upscale#2", "variation", "pan", "imagine-videos", ""])
def test_a_task_type_is_not_guessed(task_type: str) -> None:
    assert kind_of({"task_type": task_type}) is Result


@given(st.dictionaries(st.sampled_from(chance.TASK_FIELDS), chance.anything(), max_size=4))
def test_any_mapping_has_a_kind(reply: dict[str, object]) -> None:
    assert issubclass(kind_of(reply), Result)


@given(chance.task_objects())
def test_any_task_object_has_a_kind(reply: dict[str, object]) -> None:
    assert issubclass(kind_of(reply), Result)


@pytest.mark.parametrize(
    ("result", "urls"),
    [
        (ImagineGrid(task_id="t", original_image_url="s", image_urls=("a", "b", "c", "d")), ("a", "b", "c", "d")),
        (UpscaledPicture(task_id="t", image_url="u"), ("u",)),
        (ImagineVideos(task_id="t", video_urls=("a", "b", "c", "d")), ("a", "b", "c", "d")),
        (Description(task_id="t", content=("a", "b"), image_url="u"), ()),
        (Shortening(task_id="t", content=("a", "b")), ()),
        (Seed(task_id="t", seed="7"), ()),
        (Result(task_id="t"), ()),
    ],
)
def test_the_urls_of_a_result_are_the_files_to_keep(result: Result, urls: tuple[str, ...]) -> None:
    assert result.urls == urls


def test_the_raw_reply_is_no_part_of_what_makes_two_results_equal() -> None:
    assert Seed(task_id="t", seed="7", raw={"a": 1}) == Seed(task_id="t", seed="7", raw={"b": 2})
    assert "raw" not in repr(Seed(task_id="t", seed="7", raw={"a": 1}))


def test_results_of_different_kinds_are_never_equal() -> None:
    pictures: list[Result] = [kind(task_id="t", image_url="u") for kind in (Picture, UpscaledPicture, EnlargedPicture)]

    assert [[one == other for other in pictures] for one in pictures] == [
        [True, False, False],
        [False, True, False],
        [False, False, True],
    ]
