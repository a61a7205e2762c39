"""What describe says about pictures, and what shorten makes of prompts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey_async.sandbox import World
from journey_async.sandbox.scenes import Blended, Edited, Imagined, Photo, Scene, Swapped, Upscaled, Varied
from journey_async.sandbox.words import descriptions, shortened
from tests.sandbox.asking import URL, Caller

ELK = Imagined(prompt="an elk --ar 16:9", seed=1, ratio=(16, 9))
BOAT = Photo(url="https://example.com/a/red_boat-2.png?size=3")


@pytest.mark.parametrize(
    ("scene", "subject", "ratio"),
    [
        (ELK, "an elk", "16:9"),
        (Upscaled(base=Varied(base=ELK, seed=1, strength=0.5)), "an elk", "16:9"),
        (Edited(base=BOAT, prompt="in winter", seed=1, ratio=(2, 3)), "in winter", "2:3"),
        (BOAT, "red boat 2", "4:3"),
        (Swapped(target=ELK, face=BOAT), "an elk", "16:9"),
        (Blended(images=(BOAT.url, URL), ratio=(1, 1), seed=1), "red boat 2 and photo of a boat", "1:1"),
        (Photo(url="https://example.com/"), "an untitled picture", "4:3"),
    ],
)
def test_a_description_names_what_is_shown_in_four_ways(scene: Scene, subject: str, ratio: str) -> None:
    told = descriptions(scene, 7)
    assert len(set(told)) == 4
    assert all(text[1:].startswith(f"\ufe0f\u20e3 {subject}, ") and text.endswith(f" --ar {ratio}") for text in told)
    assert told == descriptions(scene, 7)


@given(st.text())
def test_any_prompt_can_be_shortened(prompt: str) -> None:
    content, analysis = shortened(prompt)
    assert len(content) == 3
    assert analysis.startswith("**Important tokens:** ")


def test_a_picture_of_the_sandbox_is_described_by_its_prompt() -> None:
    caller = Caller(World(task_seconds=0))
    item = caller.fetch(caller.submit("imagine", prompt="two wolves").task_id)
    unknown = f"{item['original_image_url']}x"
    for url, subject in ((item["original_image_url"], "two wolves"), (unknown, "grid 0")):
        told = caller.fetch(caller.submit("describe", image_url=url).task_id)
        assert f"1️⃣ {subject}," in told["content"][0]
