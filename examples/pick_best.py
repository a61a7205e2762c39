"""A machine with taste: of every grid the most striking tile is chosen by looking at it, upscaled and kept.

The four tiles are downloaded, each is scored by its colours and contrast, and the best index goes on. Any other judge
fits into `choose`: a vision model, a CLIP score, a person with four buttons. It is asked once for each grid: the
journal remembers the choice, and a second start buys nothing twice.

    pip install 'journey-async' pillow
    python pick_best.py "a majestic elk in a misty forest" "a lighthouse in a storm"

`journey sandbox` tries it without spending a credit: set JOURNEY_BASE_URL and JOURNEY_API_KEY as it says.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

import anyio
import anyio.to_thread
from PIL import Image, ImageStat

from journey_async import Grid, JourneyClient, TaskGraph

FOLDER = Path("best")


def score(path: Path) -> float:
    """Tell how striking a picture is: by how saturated its colours are, and how far light and shade are apart."""
    with Image.open(path) as picture:
        small = picture.convert("RGB")
    small.thumbnail((64, 64))
    saturation = ImageStat.Stat(small.convert("HSV")).mean[1]
    contrast = ImageStat.Stat(small.convert("L")).stddev[0]
    return saturation + 2 * contrast


async def pick(journey: JourneyClient, prompts: Sequence[str], folder: Path = FOLDER) -> list[Path]:
    async def choose(grid: Grid) -> int:
        tiles = await journey.download(grid, folder / "tiles", name="{task_id}-{n}.{ext}")
        # Decoding keeps a processor busy: in a thread it holds nobody up.
        scores = [await anyio.to_thread.run_sync(score, tile) for tile in tiles]
        best = scores.index(max(scores)) + 1
        print(f"{grid.task_id}: {', '.join(f'{each:.0f}' for each in scores)}, so number {best}")
        return best

    graph = TaskGraph()
    for prompt in prompts:
        graph.upscale_1x(graph.imagine(prompt), index=choose, key=prompt)
    print(f"{len(graph)} tasks for {graph.credits} credits")
    await anyio.Path(folder).mkdir(parents=True, exist_ok=True)
    outcome = await journey.run(graph, journal=folder / "best.db")
    for failed in outcome.failed:
        print(f"{failed.node.key}: {failed.error}")
    best = [row for row in outcome.finished if row.node.key in prompts]
    return list(await journey.download(best, folder, name="{key}.{ext}"))


async def main() -> None:
    async with JourneyClient() as journey:
        for path in await pick(journey, sys.argv[1:] or ["a majestic elk in a misty forest --ar 16:9"]):
            print(path)


if __name__ == "__main__":
    anyio.run(main)
