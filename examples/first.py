"""A grid, one picture of it, and more of the forest to its left.

`journey sandbox` tries it without spending a credit: set JOURNEY_BASE_URL and JOURNEY_API_KEY as it says.
"""

from typing import TypeVar

import anyio

from journey_async import JourneyClient, Result, Task

R = TypeVar("R", bound=Result)


async def finished(name: str, task: Task[R]) -> R:
    async for state in task.updates():
        print(f"{name:12}{state.status:12}{state.percentage or 0:3}%")
    return await task


async def main() -> None:
    async with JourneyClient() as journey:
        grid = await journey.imagine("a majestic elk in a misty forest --ar 16:9")
        print(*(await finished("imagine", grid)).image_urls, sep="\n")

        elk = await journey.upscale_1x(grid, index=2)
        print((await finished("upscale-1x", elk)).image_url)

        wider = await journey.pan(elk, direction="left")
        print(*(await finished("pan", wider)).image_urls, sep="\n")


anyio.run(main)
