"""examples/pick_best.py: the tile that looks best is the one that is upscaled."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio.to_thread
from PIL import Image

from examples import pick_best
from journey_async import JourneyClient
from journey_async.sandbox import Sandbox
from tests.client.services import QUICK

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from journey_async.sandbox import Charge

PROMPTS = ["a majestic elk", "a lighthouse in a storm"]


def test_what_is_colourful_and_contrasted_scores_more(tmp_path: Path) -> None:
    """Grey is the least."""
    grey, plain, striking = (Image.new("RGB", (200, 100), colour) for colour in ("grey", "darkred", "red"))
    striking.paste("blue", (0, 0, 100, 100))
    scores: list[float] = []
    for number, picture in enumerate((grey, plain, striking)):
        picture.save(tmp_path / f"{number}.png")
        scores.append(pick_best.score(tmp_path / f"{number}.png"))
    assert scores == sorted(scores)
    assert len(set(scores)) == 3


async def test_the_best_tile_of_each_grid_is_upscaled_and_on_disk(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Started again, it buys nothing."""
    async with (
        Sandbox(task_seconds=0.03) as box,
        JourneyClient(box.api_key, base_url=box.base_url, pace=QUICK) as journey,
    ):
        paths = await pick_best.pick(journey, PROMPTS, tmp_path)
        ledger = box.ledger()
        again = await pick_best.pick(journey, PROMPTS, tmp_path)
        assert box.ledger()["charges"] == ledger["charges"]
    assert again == paths
    assert [path.name for path in paths] == ["a-majestic-elk.png", "a-lighthouse-in-a-storm.png"]
    assert (ledger["accepted"], ledger["charged"]) == (4, 2 * (4 + 2))
    tiles = [tmp_path / "tiles" / f"{task_id}-{n}.png" for task_id in grids(ledger["charges"]) for n in range(1, 5)]
    scores = [await anyio.to_thread.run_sync(pick_best.score, tile) for tile in tiles]
    said = capsys.readouterr().out
    for number in range(0, 8, 4):
        four = scores[number : number + 4]
        assert f", so number {four.index(max(four)) + 1}" in said


def grids(charges: list[Charge]) -> list[str]:
    return [charge["task_id"] for charge in charges if charge["action"] == "imagine"]
