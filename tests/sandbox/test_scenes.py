"""What scenes are, before anything is drawn: ratios read out of prompts, sizes, and where an old picture is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey_async.sandbox.scenes import (
    TILE_AREA,
    Edited,
    Enhanced,
    Imagined,
    Inpainted,
    Outpainted,
    Panned,
    Photo,
    Scene,
    Swapped,
    Upscaled,
    Varied,
    clamped,
    kept,
    ratio_of,
    size,
)

if TYPE_CHECKING:
    from journey_async.sandbox.scenes import Box, Direction, Ratio

WIDE = Imagined(prompt="an elk --ar 16:9", seed=1, ratio=(16, 9), tile=2)
SQUARE = Imagined(prompt="an elk", seed=1)
FORMS = st.sampled_from(
    ["--ar {}:{}", "--aspect {} : {}", "an elk \u2014ar {}:{} --v 6", "{}:{}", "--ar{}:{}", "--ar {}"]
)


@pytest.mark.parametrize(
    ("prompt", "field", "ratio"),
    [
        ("an elk", None, (1, 1)),
        ("an elk", "3:2", (3, 2)),
        ("an elk", " 4 : 6 ", (2, 3)),
        ("an elk --ar 16:9", None, (16, 9)),
        ("an elk --ar 16:9", "3:2", (16, 9)),
        ("an elk --AR 1920:1080 --v 6", None, (16, 9)),
        ("an elk --aspect 2:3", None, (2, 3)),
        ("an elk \u2014ar 2:3", None, (2, 3)),
        ("--ar 2:3 an elk --ar 3:2", None, (3, 2)),
        ("an elk--ar 2:3", None, (1, 1)),
        ("an elk --ar wide", "3:2", (3, 2)),
        ("an elk", "wide", (1, 1)),
        ("an elk", "", (1, 1)),
    ],
)
def test_the_ratio_is_the_prompts_else_the_fields_else_square(prompt: str, field: str | None, ratio: Ratio) -> None:
    assert ratio_of(prompt, field) == ratio


@pytest.mark.parametrize(
    ("asked", "ratio"), [("0:0", (1, 1)), ("0:1", (1, 1)), ("9:1", (4, 1)), ("1:900000", (1, 4)), ("7:0", (4, 1))]
)
def test_an_absurd_ratio_is_brought_to_the_nearest_sensible_one(asked: str, ratio: Ratio) -> None:
    assert ratio_of(f"an elk --ar {asked}") == ratio == ratio_of("an elk", asked)


@given(st.text(), st.none() | st.text())
def test_any_text_has_a_ratio(prompt: str, field: str | None) -> None:
    width, height = ratio_of(prompt, field)
    assert 1 <= max(width, height) / min(width, height) <= 4


@given(FORMS, st.integers(min_value=0), st.integers(min_value=0))
def test_any_numbers_give_a_ratio(form: str, width: int, height: int) -> None:
    text = form.format(width, height)
    for across, down in (ratio_of(text), ratio_of("", text)):
        assert 1 <= max(across, down) / min(across, down) <= 4


@given(st.integers(1, 40), st.integers(1, 40))
def test_a_tile_has_its_ratio_and_about_the_same_area_as_any_other(width: int, height: int) -> None:
    ratio = clamped(width, height)
    across, down = size(Imagined(prompt="", seed=0, ratio=ratio))
    assert across * down == pytest.approx(TILE_AREA, rel=0.02)
    assert across == pytest.approx(down * ratio[0] / ratio[1], abs=max(1, ratio[0] / ratio[1]))


@pytest.mark.parametrize(
    ("scene", "expected"),
    [
        (WIDE, (384, 216)),
        (SQUARE, (288, 288)),
        (Upscaled(base=WIDE), (768, 432)),
        (Enhanced(base=WIDE, factor=4), (1536, 864)),
        (Varied(base=Upscaled(base=WIDE), seed=1, strength=0.4), (384, 216)),
        (Inpainted(base=Upscaled(base=WIDE), mask=b"", prompt=None, seed=1), (768, 432)),
        (Swapped(target=WIDE, face=SQUARE), (384, 216)),
        (Edited(base=WIDE, prompt="", seed=1, ratio=(1, 1)), (288, 288)),
        (Outpainted(base=Upscaled(base=WIDE), zoom=1.5, seed=1), (384, 216)),
        (Outpainted(base=WIDE, zoom=1, seed=1), (288, 288)),
        (Photo(url="https://example.com/a.png"), (333, 249)),
    ],
)
def test_every_kind_of_scene_has_its_size(scene: Scene, expected: tuple[int, int]) -> None:
    assert size(scene) == expected


@pytest.mark.parametrize("base", [WIDE, SQUARE, Upscaled(base=WIDE)])
@pytest.mark.parametrize(
    ("direction", "across", "down"), [("left", 1.5, 1), ("right", 1.5, 1), ("up", 1, 1.5), ("down", 1, 1.5)]
)
def test_a_pan_is_half_as_much_again_on_one_axis(base: Scene, direction: Direction, across: float, down: float) -> None:
    old_width, old_height = size(base)
    width, height = size(Panned(base=base, direction=direction, seed=1))
    assert width / height == pytest.approx(old_width / old_height * across / down, rel=0.01)
    assert width * height == pytest.approx(TILE_AREA, rel=0.02)


@pytest.mark.parametrize(
    ("scene", "box"),
    [
        (Panned(base=SQUARE, direction="left", seed=1), (10, 0, 30, 20)),
        (Panned(base=SQUARE, direction="right", seed=1), (0, 0, 20, 20)),
        (Panned(base=SQUARE, direction="up", seed=1), (0, 7, 30, 20)),
        (Panned(base=SQUARE, direction="down", seed=1), (0, 0, 30, 13)),
        (Outpainted(base=SQUARE, zoom=2, seed=1), (7, 5, 22, 15)),
        (Outpainted(base=SQUARE, zoom=1, seed=1), (0, 0, 30, 20)),
    ],
)
def test_the_old_picture_is_kept_away_from_the_new_side(scene: Panned | Outpainted, box: Box) -> None:
    assert kept(scene, (30, 20)) == box


def test_no_chain_of_edits_outgrows_its_bounds() -> None:
    scene: Scene = SQUARE
    for _ in range(40):
        scene = Upscaled(base=Panned(base=scene, direction="right", seed=1))
        assert max(size(scene)) <= 2048
        assert min(size(scene)) >= 16
        assert max(size(Enhanced(base=scene, factor=4))) <= 2048


def test_scenes_of_equal_parts_are_one_value() -> None:
    twin = Upscaled(base=Imagined(prompt="an elk", seed=1))
    assert twin == Upscaled(base=SQUARE)
    assert len({twin, Upscaled(base=SQUARE), Upscaled(base=WIDE)}) == 2
