"""`journey demo`: what the package does, told against a sandbox of its own over real HTTP."""

from __future__ import annotations

from functools import partial
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

import aiohttp
import anyio
import anyio.to_thread
from PIL import Image, ImageDraw
from rich.padding import Padding
from rich.text import Text

from journey_async.cli.album import Album
from journey_async.cli.consoles import console
from journey_async.cli.progress import display_on
from journey_async.cli.report import Step, table, totals
from journey_async.client import JourneyClient
from journey_async.core.pacing import Pace
from journey_async.errors import IllegalParentError
from journey_async.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from pathlib import Path

    from journey_async.cli.progress import Display
    from journey_async.core.kinds import ImagineGrid, UpscaledPicture
    from journey_async.core.tasks import R
    from journey_async.task import Task

PROMPT: Final = "a majestic elk in a misty forest --ar 16:9"
REPAINTED: Final = "a red balloon"
_PACE: Final = Pace(lag=0.05, longest=0.5, ahead=0.1)


def tell(folder: Path, *, speed: float) -> None:
    """Tell the story, with a sandbox that is *speed* times as fast as the service, and save its pictures."""
    anyio.run(partial(_tell, folder, speed), backend="asyncio")


async def _tell(folder: Path, speed: float) -> None:
    stdout = console()
    box = Sandbox(speed=speed)
    async with aiohttp.ClientSession() as session:
        album = Album(folder, session)
        await album.open()
        async with box, JourneyClient(box.api_key, base_url=box.base_url, pace=_PACE, proxy="") as journey:
            began = anyio.current_time()
            with display_on(stdout) as display:
                story = Story(box=box, journey=journey, display=display, album=album)
                await story.tell()
            seconds = anyio.current_time() - began
            stdout.print(table(story.steps, box.ledger(), seconds=seconds), highlight=False)
            # A path that is cut into lines could not be copied.
            stdout.print(Text(totals(box.ledger(), folder=folder, pictures=album.saved)), soft_wrap=True)


class Story:
    """A grid, what cannot be done with it, one tile of it, and six edits of that tile."""

    def __init__(self, *, box: Sandbox, journey: JourneyClient, display: Display, album: Album) -> None:
        self.steps: dict[int, Step] = {}
        """Those that are over, by their number in the story."""
        self._begun = 0
        self._box = box
        self._journey = journey
        self._display = display
        self._album = album

    async def tell(self) -> None:
        """Tell all of it."""
        journey = self._journey
        self._say(f'1. imagine: four pictures of "{PROMPT}"', style="bold")
        grid = await self._follow("imagine", lambda: journey.imagine(PROMPT))
        self._say("2. what the service would refuse never leaves this machine:", style="bold")
        await self._be_refused(grid)
        self._say("3. upscale-1x: tile 4 as a picture of its own, the gateway to every edit", style="bold")
        elk = await self._follow("upscale-1x", lambda: journey.upscale_1x(grid, index=4))
        self._say("4. six edits of it, at once", style="bold")
        await self._edit(elk)

    async def _be_refused(self, grid: Task[ImagineGrid]) -> None:
        before = self._requests()
        try:
            # Both type checkers reject it too, and are told to let it pass for once.
            wrong = self._journey.pan(grid, direction="left")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
            await wrong
        except IllegalParentError as error:
            self._say('await journey.pan(grid, direction="left")', indent=3)
            self._say(f"{type(error).__name__}: {error}", indent=3, style="yellow")
        self._say(f"By the sandbox's ledger: {before} requests before, {self._requests()} after.", indent=3)

    async def _edit(self, elk: Task[UpscaledPicture]) -> None:
        journey = self._journey
        mask = await anyio.to_thread.run_sync(mask_for, await self._album.load(f"{_stem(2, 'upscale-1x')}.png"))
        await self._album.save(f"{_stem(4, 'inpaint')}-mask.png", mask)
        edits: Mapping[str, Callable[[], Awaitable[Task[Any]]]] = {
            "pan left": lambda: journey.pan(elk, direction="left"),
            "inpaint": lambda: journey.inpaint(elk, mask=mask, prompt=REPAINTED),
            "outpaint": lambda: journey.outpaint(elk, zoom_ratio=1.5),
            "upscale-alt creative": lambda: journey.upscale_alt(elk, type="creative"),
            "variations strong": lambda: journey.variations(elk, index="strong"),
            "variations subtle": lambda: journey.variations(elk, index="subtle"),
        }
        async with anyio.create_task_group() as group:
            for name, edit in edits.items():
                group.start_soon(self._follow, name, edit)

    async def _follow(self, name: str, submit: Callable[[], Awaitable[Task[R]]]) -> Task[R]:
        """Submit a task, show how it gets on, and save its pictures."""
        self._begun += 1
        number, began = self._begun, anyio.current_time()
        task = await submit()
        self._display.show(name, task)
        async for _ in task.updates():
            self._display.show(name, task)
        result = await task
        seconds = anyio.current_time() - began
        pictures = await self._album.keep(_stem(number, name), result)
        self._display.saved(name)
        self.steps[number] = Step(name=name, task=task, seconds=seconds, pictures=pictures)
        return task

    def _say(self, text: str, *, indent: int = 0, style: str = "") -> None:
        self._display.say(Padding(Text(text, style=style), (0, 0, 0, indent)))

    def _requests(self) -> int:
        return sum(self._box.ledger()["requests"].values())


def mask_for(picture: bytes) -> bytes:
    """Draw the mask of *picture*, as large: white, which is repainted, in an ellipse in the middle, else black."""
    with Image.open(BytesIO(picture)) as image:
        width, height = image.size
    mask = Image.new("L", (width, height), color=0)
    ellipse = (width * 0.35, height * 0.3, width * 0.65, height * 0.7)
    ImageDraw.Draw(mask).ellipse(ellipse, fill=255)
    file = BytesIO()
    mask.save(file, "PNG")
    return file.getvalue()


def _stem(number: int, name: str) -> str:
    return f"{number:02}-{name.replace(' ', '-')}"
