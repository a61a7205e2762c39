"""From a prompt to pictures on disk, against the sandbox."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PIL import Image

from journey_async import JourneyClient
from journey_async.downloads import Wanted
from journey_async.sandbox import Sandbox
from tests.client.services import QUICK
from tests.downloads.media_server import downloader, names

if TYPE_CHECKING:
    from pathlib import Path

    from journey_async import Result


async def test_pictures_and_videos_of_a_session_are_on_disk(tmp_path: Path) -> None:
    async with (
        Sandbox(task_seconds=0) as box,
        JourneyClient(box.api_key, base_url=box.base_url, pace=QUICK) as journey,
    ):
        task = await journey.imagine("a majestic elk --ar 16:9")
        grid = await task
        tile = await (await journey.upscale_1x(task, index=2))
        photo = await (await journey.imagine("an elk", model="flux-schnell", output_format="jpg"))
        clips = await (await journey.imagine_video("it moves", image_url="https://example.com/elk.jpg"))
        wanted: list[Result | Wanted] = [Wanted(result=grid, prompt="a majestic elk --ar 16:9"), tile, photo, clips]
        paths = await downloader().download(wanted, tmp_path, sheet=True)
        again = await downloader().download(wanted, tmp_path, sheet=True)

    assert again == paths
    assert sorted(path.name for path in paths) == names(tmp_path)
    assert [path.name for path in paths[:5]] == [
        f"a-majestic-elk-ar-16-9-{grid.task_id}-{n}.png" for n in ("1", "2", "3", "4", "sheet")
    ]
    assert [path.suffix for path in paths[5:]] == [".png", ".jpg", *[".webp"] * 4]
    for path in paths:
        with Image.open(path) as image:
            image.load()
