"""Whatever is to be drawn can be drawn, the same each time, and whatever bytes there are can be judged."""

from __future__ import annotations

import subprocess
import sys
from hashlib import sha256
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from journey_async.sandbox.drawing.pictures import is_picture, render_png, render_video, sheet_png
from journey_async.sandbox.scenes import (
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
    size,
)
from tests.sandbox.looking import CLIP, ELK, LIVELY, PICTURE, PROMPTS, drawn, mask_of, right_half

if TYPE_CHECKING:
    from journey_async.sandbox.scenes import Direction


def test_a_picture_is_told_from_other_bytes() -> None:
    assert is_picture(render_png(ELK))
    assert is_picture(render_video(CLIP))
    assert not is_picture(b"")
    assert not is_picture(render_png(ELK)[:200])


def test_a_picture_too_big_to_be_unpacked_is_none() -> None:
    file = BytesIO()
    Image.new("1", (9000, 9000)).save(file, "PNG")
    assert not is_picture(file.getvalue())
    header = b"GIF89a\xff\xff\xff\xff\x00\x00\x00,\x00\x00\x00\x00\xff\xff\xff\xff\x00\x08\x01\x00\x00;"
    assert not is_picture(header)


@given(st.binary(), st.sampled_from([b"", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"\xff\xd8\xff", b"RIFF\x10\0\0\0WEBPVP8 "]))
def test_any_bytes_can_be_judged(data: bytes, start: bytes) -> None:
    assert is_picture(start + data) in (True, False)


SMALL = render_png(Imagined(prompt="", seed=0))


@given(st.integers(0, len(SMALL) - 1), st.binary(min_size=1, max_size=8))
def test_any_damaged_picture_can_be_judged_and_be_a_mask(at: int, damage: bytes) -> None:
    data = SMALL[:at] + damage + SMALL[at + len(damage) :]
    assert is_picture(data) in (True, False)


SEEDS = st.integers(-1, 2**64)
TILES = st.integers(1, 4)
RATIOS = st.tuples(st.integers(-1, 5), st.integers(-1, 5))
MASKS = st.sampled_from(
    [right_half((30, 30)), mask_of((5, 90), lambda draw: draw.ellipse((0, 20, 4, 60), fill=200)), b""]
)
LEAVES: st.SearchStrategy[Scene] = st.one_of(
    st.builds(Imagined, prompt=st.sampled_from(PROMPTS) | st.text(), seed=SEEDS, ratio=RATIOS, tile=TILES),
    st.builds(Photo, url=st.text()),
    st.builds(Blended, images=st.lists(st.text(), max_size=3).map(tuple), ratio=RATIOS, seed=SEEDS, tile=TILES),
)


def grown(bases: st.SearchStrategy[Scene]) -> st.SearchStrategy[Scene]:
    directions = st.sampled_from(["up", "down", "left", "right"])
    return st.one_of(
        st.builds(Varied, base=bases, seed=SEEDS, strength=st.floats(0.01, 1)),
        st.builds(Upscaled, base=bases),
        st.builds(Enhanced, base=bases, factor=st.floats(1, 4), creative=st.booleans()),
        st.builds(Panned, base=bases, direction=directions, seed=SEEDS, tile=TILES),
        st.builds(Outpainted, base=bases, zoom=st.floats(1, 2), seed=SEEDS, tile=TILES),
        st.builds(Inpainted, base=bases, mask=MASKS, prompt=st.none() | st.text(), seed=SEEDS, tile=TILES),
        st.builds(Swapped, target=bases, face=bases),
        st.builds(Edited, base=bases, prompt=st.text(), seed=SEEDS, ratio=RATIOS),
    )


@settings(max_examples=25)
@given(st.recursive(LEAVES, grown, max_leaves=4))
def test_every_scene_can_be_drawn_in_its_size(scene: Scene) -> None:
    assert drawn(scene).size == size(scene)


@pytest.mark.parametrize("directions", [("left", "right"), ("up", "down"), ("right",), ("down", "left")])
def test_a_long_chain_of_edits_is_still_drawn(directions: tuple[Direction, ...]) -> None:
    scene: Scene = ELK
    for number in range(20):
        base = Upscaled(base=Varied(base=scene, seed=number, strength=SUBTLE))
        scene = Panned(base=base, direction=directions[number % len(directions)], seed=number)
    assert drawn(scene).size == size(scene)


PORTRAIT = Inpainted(base=Upscaled(base=Panned(base=PICTURE, direction="up", seed=1)), mask=b"", prompt=None, seed=1)
PROGRAM = f"""
from hashlib import sha256
from journey_async.sandbox.drawing.pictures import *
from journey_async.sandbox.scenes import *
scene, clip = {PORTRAIT!r}, {LIVELY!r}
print(sha256(render_png(scene) + sheet_png([scene] * 4) + render_video(clip)).hexdigest())
"""


def test_another_process_draws_the_same_bytes() -> None:
    mine = sha256(render_png(PORTRAIT) + sheet_png([PORTRAIT] * 4) + render_video(LIVELY)).hexdigest()
    run = subprocess.run([sys.executable, "-c", PROGRAM], check=True, capture_output=True, text=True)  # noqa: S603
    assert run.stdout.strip() == mine
