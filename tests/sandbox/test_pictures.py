"""What the drawn pictures show, measured: every edit is visible where it should be, and nowhere else."""

from __future__ import annotations

from io import BytesIO
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image, ImageDraw

from journey_async.sandbox.drawing.pictures import render_png, sheet_png
from journey_async.sandbox.scenes import (
    POSITIONED,
    STRONG,
    SUBTLE,
    Blended,
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
    kept,
    size,
)
from tests.sandbox.looking import ALIKE, ELK, PICTURE, PROMPTS, difference, drawn, mask_of, opened, right_half

if TYPE_CHECKING:
    from journey_async.sandbox.scenes import Direction, Size


BLEND = Blended(images=("https://example.com/a.png", "https://example.com/sea.png"), ratio=(3, 2), seed=1)


@pytest.mark.parametrize("prompt", PROMPTS)
def test_the_tiles_of_a_grid_differ(prompt: str) -> None:
    tiles = [drawn(Imagined(prompt=prompt, seed=3, tile=tile)) for tile in (1, 2, 3, 4)]
    assert all(difference(one, other) > ALIKE for at, one in enumerate(tiles) for other in tiles[:at])


def test_prompts_give_different_pictures() -> None:
    pictures = [drawn(Imagined(prompt=prompt, seed=3)) for prompt in PROMPTS]
    assert all(difference(one, other) > 2 * ALIKE for at, one in enumerate(pictures) for other in pictures[:at])


def test_a_reroll_is_another_picture() -> None:
    assert difference(drawn(ELK), drawn(Imagined(prompt=ELK.prompt, seed=8, ratio=ELK.ratio, tile=2))) > ALIKE


def test_a_sheet_shows_its_tiles_in_their_positions() -> None:
    tiles = [Imagined(prompt="an elk", seed=3, ratio=(3, 2), tile=tile) for tile in (1, 2, 3, 4)]
    sheet, (width, height) = opened(sheet_png(tiles)), size(tiles[0])
    assert sheet.size == (2 * width, 2 * height)
    for tile, (left, top) in zip(tiles, [(0, 0), (width, 0), (0, height), (width, height)], strict=True):
        assert sheet.crop((left, top, left + width, top + height)).tobytes() == drawn(tile).tobytes()


def test_a_sheet_of_big_pictures_shows_them_smaller() -> None:
    big = Enhanced(base=Upscaled(base=ELK), factor=2)
    sheet = opened(sheet_png([big, big]))
    assert sheet.size == (1280, 720)
    assert difference(sheet.crop((0, 0, 640, 360)), drawn(big)) < ALIKE


def test_an_upscale_is_its_tile_at_twice_the_size_with_more_detail() -> None:
    tile, picture = drawn(ELK), drawn(PICTURE)
    assert picture.size == (2 * tile.width, 2 * tile.height)
    assert difference(tile, picture) < ALIKE
    assert difference(picture, tile) > 0.5


@pytest.mark.parametrize("factor", [2, 4])
def test_an_enhancement_is_the_picture_enlarged(factor: int) -> None:
    before, after = drawn(ELK), drawn(Enhanced(base=ELK, factor=factor))
    assert after.size == (factor * before.width, factor * before.height)
    assert difference(before, after) < ALIKE


def test_a_creative_enhancement_changes_more_than_a_subtle_one() -> None:
    before = drawn(PICTURE)
    subtle, creative = (drawn(Enhanced(base=PICTURE, factor=2, creative=creative)) for creative in (False, True))
    assert difference(before, subtle) < difference(before, creative)


@pytest.mark.parametrize(
    "base",
    [
        *(Imagined(prompt=prompt, seed=3) for prompt in PROMPTS),
        BLEND,
        Photo(url="https://example.com/a.png"),
        Enhanced(base=Varied(base=ELK, seed=5, strength=STRONG), factor=2),
        Swapped(target=PICTURE, face=BLEND),
        Panned(base=PICTURE, direction="right", seed=5),
    ],
)
def test_the_stronger_a_variation_the_more_it_differs(base: Scene) -> None:
    subtle, positioned, strong = (
        drawn(Varied(base=base, seed=9, strength=strength)) for strength in (SUBTLE, POSITIONED, STRONG)
    )
    before = drawn(base)
    assert 0.3 < difference(subtle, before) < difference(positioned, before) < difference(strong, before)


def test_a_variation_of_an_edit_keeps_the_edit() -> None:
    mask = right_half((40, 40))
    edited = Inpainted(base=Panned(base=PICTURE, direction="up", seed=2), mask=mask, prompt="a red balloon", seed=1)
    varied = Varied(base=Upscaled(base=edited), seed=4, strength=SUBTLE)
    before, after = drawn(edited), drawn(varied)
    assert after.size == pytest.approx(before.size, abs=1)
    assert 0 < difference(before, after, (before.width // 2, 0, *before.size)) < 2 * ALIKE


@pytest.mark.parametrize(
    "base",
    [
        ELK,
        PICTURE,
        BLEND,
        Enhanced(base=PICTURE, factor=2, creative=True),
        Inpainted(base=PICTURE, mask=right_half((9, 9)), prompt="x", seed=1),
        Swapped(target=BLEND, face=ELK),
        Edited(base=ELK, prompt="autumn fire", seed=1, ratio=(1, 1)),
        Panned(base=PICTURE, direction="left", seed=9),
        Outpainted(base=BLEND, zoom=2, seed=9),
    ],
)
@pytest.mark.parametrize("direction", ["left", "right", "up", "down"])
def test_a_pan_keeps_the_old_picture_and_adds_to_the_named_side(base: Scene, direction: Direction) -> None:
    scene = Panned(base=base, direction=direction, seed=5, tile=3)
    after, box = drawn(scene), kept(scene, size(scene))
    assert difference(after.crop(box), drawn(base)) < ALIKE
    old, new = after.crop(box), after.size
    assert (new[0] / old.width, new[1] / old.height) == pytest.approx(
        (1.5, 1) if direction in ("left", "right") else (1, 1.5), rel=0.01
    )


@pytest.mark.parametrize("direction", ["left", "right", "up", "down"])
def test_the_four_pans_of_a_grid_differ_in_what_is_new(direction: Direction) -> None:
    scenes = [Panned(base=PICTURE, direction=direction, seed=5, tile=tile) for tile in (1, 2, 3, 4)]
    pictures = [drawn(scene) for scene in scenes]
    box = kept(scenes[0], size(scenes[0]))
    for at, one in enumerate(pictures):
        assert all(difference(one, other) > 0.1 for other in pictures[:at])
        assert one.crop(box).tobytes() == pictures[0].crop(box).tobytes()


def test_a_seam_cannot_be_seen() -> None:
    scene = Panned(base=PICTURE, direction="right", seed=5, tile=3)
    image, (_, _, seam, bottom) = drawn(scene), kept(scene, size(scene))
    columns = [image.crop((x, 0, x + 1, bottom)) for x in range(image.width)]
    steps = [difference(one, other) for one, other in pairwise(columns)]
    assert steps[seam - 1] <= 1.5 * max(steps[: seam - 2])


@pytest.mark.parametrize("zoom", [1.5, 2, 1.2])
def test_an_outpaint_keeps_the_old_picture_in_the_middle(zoom: float) -> None:
    scene = Outpainted(base=PICTURE, zoom=zoom, seed=5, tile=3)
    after = drawn(scene)
    left, top, right, bottom = kept(scene, after.size)
    assert abs(left - (after.width - right)) <= 1
    assert abs(top - (after.height - bottom)) <= 1
    assert (right - left) / after.width == pytest.approx(1 / zoom, rel=0.01)
    assert difference(after.crop((left, top, right, bottom)), drawn(PICTURE)) < ALIKE
    assert difference(after, drawn(PICTURE)) > ALIKE


def test_a_zoom_of_one_makes_the_picture_square() -> None:
    scene = Outpainted(base=PICTURE, zoom=1, seed=5)
    after = drawn(scene)
    assert after.width == after.height
    assert difference(after.crop(kept(scene, after.size)), drawn(PICTURE)) < ALIKE


@pytest.mark.parametrize("base", [ELK, PICTURE, Panned(base=PICTURE, direction="left", seed=2)])
@pytest.mark.parametrize("prompt", ["a red balloon at sunset", None])
@pytest.mark.parametrize("area", [None, (100, 100), (31, 200), (2000, 20)])
def test_an_inpaint_changes_what_is_white_and_nothing_else(base: Scene, prompt: str | None, area: Size | None) -> None:
    before = drawn(base)
    after = drawn(Inpainted(base=base, mask=right_half(area or before.size), prompt=prompt, seed=3))
    assert after.size == before.size
    # A mask of another size is softened by one of its own pixels where black meets white.
    middle, soft = before.width // 2, 1 + (before.width // area[0] if area else 0)
    untouched = (0, 0, middle - soft, before.height)
    assert after.crop(untouched).tobytes() == before.crop(untouched).tobytes()
    assert difference(before, after, (middle + soft, 0, *before.size)) > 2 * ALIKE


def test_the_inpaints_of_a_grid_differ_inside_the_mask() -> None:
    pictures = [
        drawn(Inpainted(base=PICTURE, mask=right_half((50, 50)), prompt=None, seed=3, tile=tile)) for tile in (1, 2)
    ]
    assert difference(pictures[0], pictures[1]) > ALIKE


@pytest.mark.parametrize(
    "mask", [mask_of((20, 20), lambda _: None), mask_of((20, 20), lambda _: None, "RGBA"), b"", b"no picture at all"]
)
def test_a_mask_without_white_changes_nothing(mask: bytes) -> None:
    assert render_png(Inpainted(base=PICTURE, mask=mask, prompt="a red balloon", seed=3)) == render_png(PICTURE)


@pytest.mark.parametrize("mode", ["L", "1", "RGB", "RGBA", "LA", "P"])
def test_a_mask_may_be_of_any_mode(mode: str) -> None:
    white: Any = {"L": 255, "1": 1, "RGB": (255,) * 3, "RGBA": (255,) * 4, "LA": (255, 255), "P": 255}[mode]
    image, file = Image.new("L" if mode == "P" else mode, (60, 60)), BytesIO()
    ImageDraw.Draw(image).rectangle((30, 0, 60, 60), fill=white)
    image.convert(mode).save(file, "PNG")
    before, after = drawn(PICTURE), drawn(Inpainted(base=PICTURE, mask=file.getvalue(), prompt="snow", seed=3))
    width, height = before.size
    assert (
        after.crop((0, 0, width // 2 - 14, height)).tobytes() == before.crop((0, 0, width // 2 - 14, height)).tobytes()
    )
    assert difference(before, after, (width // 2 + 14, 0, width, height)) > ALIKE


def test_a_swap_shows_the_face_in_the_middle_and_the_target_around_it() -> None:
    before, after = drawn(PICTURE), drawn(Swapped(target=PICTURE, face=Photo(url="https://example.com/face.png")))
    width, height = before.size
    corner, middle = (0, 0, width // 4, height), (width // 2 - 40, height // 2 - 40, width // 2 + 40, height // 2 + 40)
    assert difference(before, after, corner) == 0
    assert difference(before, after, middle) > ALIKE


def test_an_edit_gives_a_picture_other_colours_and_its_own_ratio() -> None:
    photo = Photo(url="https://example.com/sea.png")
    before, after = drawn(photo), drawn(Edited(base=photo, prompt="autumn fire", seed=1, ratio=(4, 3)))
    assert after.size == before.size
    assert difference(before, after) > ALIKE
    grey, other_grey = (image.convert("L").convert("RGB") for image in (before, after))
    assert difference(grey, other_grey) < difference(before, after)
    assert size(Edited(base=photo, prompt="autumn fire", seed=1, ratio=(9, 16))) == (216, 384)


def test_a_photo_and_a_blend_follow_from_the_urls() -> None:
    urls = tuple(f"https://example.com/{name}.png" for name in "abc")
    pictures = [drawn(Photo(url=url)) for url in urls]
    assert all(difference(one, other) > ALIKE for at, one in enumerate(pictures) for other in pictures[:at])
    blends = [
        drawn(Blended(images=images, ratio=(4, 3), seed=1, tile=tile))
        for images, tile in [(urls[:2], 1), (urls[:2], 2), (urls[1:], 1), (urls[:1], 1)]
    ]
    assert all(difference(one, other) > ALIKE for at, one in enumerate(blends) for other in blends[:at])
