"""Every public coroutine: its name, and how it is called."""

from __future__ import annotations

import inspect
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import journey_async
from journey_async import gallery, sandbox
from tests.cancellation.counting import awaited
from tests.pictures import PNG

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Mapping

    from tests.cancellation.stages import Stage

Call: TypeAlias = "Callable[[], Coroutine[Any, Any, Any]]"
Scene: TypeAlias = "Callable[[Stage], Awaitable[Call]]"

URL: Final = "https://example.com/photo.jpg"
SCENES: Final[dict[str, Scene]] = {}
WITH_OTHERS: Final = {"Run.__anext__": "JourneyClient.running"}
"""What is called in the scene of another, at every suspension of which it is cancelled too."""
ELSEWHERE: Final = frozenset({"JourneyClient.work"})
"""What needs a database server too: `tests/cluster/test_cancelling.py` has it."""
ONLY_OVER_A_SOCKET: Final = frozenset(
    {"JourneyClient.download", "JourneyClient.downloading", "write_gallery", "watch_gallery", "testing.journey_client"}
)
"""What needs a real service, most of it because it fetches files."""


def scene(name: str) -> Callable[[Scene], Scene]:
    """Name the coroutine that a scene calls."""

    def named(given: Scene) -> Scene:
        SCENES[name] = given
        return given

    return named


def found() -> set[str]:
    """Find every public coroutine, asynchronous block and asynchronous iterator of the package."""
    names = {"testing.journey_client", "WebhookReceiver.asgi"}
    for module in (journey_async, gallery, sandbox):
        for name in module.__all__:
            value = getattr(module, name)
            if inspect.isclass(value) and not getattr(value, "_is_protocol", False):
                names |= {f"{name}.{method}" for method in dir(value) if _suspends_in(value, method)}
            elif _suspends(value):
                names.add(name)
    return names


_MAGIC: Final = ("__aenter__", "__anext__", "__await__")


def _suspends_in(kind: type[Any], name: str) -> bool:
    if name in _MAGIC:
        return True
    method = inspect.getattr_static(kind, name)
    returned = str(getattr(method, "__annotations__", {}).get("return", ""))
    return not name.startswith("_") and (_suspends(method) or returned.startswith(("Updates", "Async", "Awaitable")))


def _suspends(value: object) -> bool:
    inner = inspect.unwrap(value) if callable(value) else value
    return inspect.iscoroutinefunction(inner) or inspect.isasyncgenfunction(inner)


# ---------------------------------------------------------------------------------------------------------------------
# Verbs

FIRST: Final[Mapping[str, tuple[Any, ...]]] = MappingProxyType(
    {
        "imagine": ("an elk",),
        "blend": ([URL, URL],),
        "describe": (URL,),
        "shorten": ("an elk, an elk",),
        "faceswap": (URL, URL),
    }
)
BELOW_A_GRID: Final[Mapping[str, Mapping[str, Any]]] = MappingProxyType(
    {
        "reroll": {},
        "variations": {"index": 1},
        "upscale_1x": {"index": 2},
        "upscale_2x_4x": {"type": "2x", "index": 3},
        "seed": {},
    }
)
BELOW_A_PICTURE: Final[Mapping[str, Mapping[str, Any]]] = MappingProxyType(
    {
        "upscale_alt": {"type": "subtle"},
        "pan": {"direction": "left"},
        "inpaint": {"prompt": "an elk"},
        "outpaint": {"zoom_ratio": 2},
    }
)


def _first(verb: str) -> Scene:
    async def call(stage: Stage) -> Call:
        return lambda: getattr(stage.journey, verb)(*FIRST[verb])

    return call


def _below_a_grid(verb: str) -> Scene:
    """The grid is under way: the verb waits for it."""

    async def call(stage: Stage) -> Call:
        grid = await stage.grid()
        return lambda: getattr(stage.journey, verb)(grid, **BELOW_A_GRID[verb])

    return call


def _below_a_picture(verb: str) -> Scene:
    """The picture is finished and given by its id: the verb looks it up. A mask is read from a file."""

    async def call(stage: Stage) -> Call:
        picture = await stage.bought(stage.journey.upscale_1x(await stage.grid(), index=1))
        await picture
        arguments = dict(BELOW_A_PICTURE[verb])
        if verb == "inpaint":
            arguments["mask"] = stage.folder / "mask.png"
            arguments["mask"].write_bytes(PNG)
        return lambda: getattr(stage.journey, verb)(picture.id, **arguments)

    return call


SCENES.update({f"JourneyClient.{verb}": _first(verb) for verb in FIRST})
SCENES.update({f"JourneyClient.{verb}": _below_a_grid(verb) for verb in BELOW_A_GRID})
SCENES.update({f"JourneyClient.{verb}": _below_a_picture(verb) for verb in BELOW_A_PICTURE})


@scene("JourneyClient.imagine_video")
async def imagine_video(stage: Stage) -> Call:
    return lambda: stage.journey.imagine_video("it walks", image_url=URL)


@scene("JourneyClient.extend_video")
async def extend_video(stage: Stage) -> Call:
    videos = await stage.bought(stage.journey.imagine_video("it walks", image_url=URL))
    return lambda: stage.journey.extend_video(videos, index=4, prompt="it runs")


@scene("JourneyClient.act")
async def act(stage: Stage) -> Call:
    grid = await stage.grid()
    return lambda: stage.journey.act(grid.next_actions()[0].token)


# ---------------------------------------------------------------------------------------------------------------------
# Questions


@scene("JourneyClient.fetch")
async def fetch(stage: Stage) -> Call:
    grid = await stage.grid()
    return lambda: stage.journey.fetch(grid.id)


@scene("JourneyClient.fetch_many")
async def fetch_many(stage: Stage) -> Call:
    grids = [await stage.grid(), await stage.grid()]
    return lambda: stage.journey.fetch_many(grids)


@scene("JourneyClient.account")
async def account(stage: Stage) -> Call:
    return stage.journey.account


@scene("Task.__await__")
async def task(stage: Stage) -> Call:
    grid = await stage.grid()
    return lambda: awaited(lambda: grid)


@scene("Task.updates")
async def updates(stage: Stage) -> Call:
    grid = await stage.grid()

    async def follow() -> None:
        async for _ in grid.updates(min_interval=0.001):
            pass

    return follow


@scene("JourneyClient.__aenter__")
async def client(stage: Stage) -> Call:
    async def enter_and_leave() -> None:
        async with stage.theatre.client() as journey:
            await journey.account()

    return enter_and_leave
