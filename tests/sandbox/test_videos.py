"""What videos show: they set out from a picture, move, and go on where the last one ended."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, cast

import pytest
from PIL import Image

from journey_async.sandbox.drawing.pictures import VIDEO_EXTENSION, render_video
from journey_async.sandbox.scenes import Clip, Extended, size
from tests.sandbox.looking import ALIKE, CLIP, ELK, LIVELY, PICTURE, difference, drawn, shot

if TYPE_CHECKING:
    from journey_async.sandbox.scenes import Video


@pytest.mark.parametrize("video", [CLIP, LIVELY, Extended(clip=LIVELY, prompt="", seed=2, motion="low", number=4)])
def test_a_video_is_a_small_moving_picture(video: Video) -> None:
    data = render_video(video)
    with Image.open(BytesIO(data)) as image:
        assert f".{cast('str', image.format).lower()}" == VIDEO_EXTENSION
        assert getattr(image, "n_frames", 1) > 8
        assert image.size == size(ELK)
    assert len(data) < 300_000
    assert difference(shot(video, 0), shot(video, -1)) > ALIKE


def test_a_clip_sets_out_from_its_picture() -> None:
    assert difference(shot(CLIP, 0), drawn(PICTURE)) < 1.5 * ALIKE


def test_an_extension_goes_on_from_the_last_frame_and_so_does_its_own() -> None:
    video: Video = LIVELY
    for number in (3, 2, 1):
        longer = Extended(clip=video, prompt="and on", seed=number, motion="high", number=number)
        assert difference(shot(video, -1), shot(longer, 0)) < ALIKE < difference(shot(longer, 0), shot(longer, -1))
        video = longer


def test_the_four_videos_of_a_task_go_different_ways() -> None:
    ends = [shot(Clip(start=PICTURE, prompt="", seed=1, motion="high", number=number), -1) for number in (1, 2, 3, 4)]
    assert all(difference(one, other) > ALIKE for at, one in enumerate(ends) for other in ends[:at])


def test_more_motion_goes_farther() -> None:
    low, high = (Clip(start=PICTURE, prompt="", seed=1, motion=motion) for motion in ("low", "high"))
    assert difference(shot(low, 0), shot(low, -1)) < difference(shot(high, 0), shot(high, -1))
