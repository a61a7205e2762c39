"""Every public coroutine, cancelled at every one of its suspensions, by a scope and natively."""

from __future__ import annotations

import asyncio
import random
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Final

import pytest

from journey_async import testing
from tests.cancellation import receivers, runs
from tests.cancellation.coroutines import ELSEWHERE, ONLY_OVER_A_SOCKET, SCENES, WITH_OTHERS, found
from tests.cancellation.counting import CANCELLED, Counted, by_scope, by_task
from tests.cancellation.stages import InProcess, OverSocket, Stage, check, closed, descriptors, ids

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from journey_async.testing import RunningSandbox
    from tests.cancellation.coroutines import Scene
    from tests.cancellation.stages import Theatre

EITHER_WAY = pytest.mark.parametrize("cancel", [by_scope, by_task])
MOST: Final = 2000
"""No coroutine suspends so often: one that does never ends."""
ALL_UP_TO: Final = 6
"""Over a socket the first suspensions are all taken, then fewer and fewer."""
MANY: Final = frozenset({"write_gallery", "watch_gallery"})
"""Of what is tried over a socket alone these suspend so often that not all are taken."""


@pytest.fixture(scope="module")
def box() -> Iterator[RunningSandbox]:
    with ExitStack() as stack:
        running: Any = vars(testing)["_running"]
        yield stack.enter_context(running({"task_seconds": 0.01, "credits": 10**7, "slots": 1000}))


def test_every_public_coroutine_is_cancelled_here() -> None:
    """A new one without a scene fails, and a scene of what is gone."""
    assert SCENES.keys() | WITH_OTHERS.keys() | ELSEWHERE == found()
    assert not SCENES.keys() & ELSEWHERE
    assert SCENES.keys() >= set(WITH_OTHERS.values())
    assert set(SCENES) > ONLY_OVER_A_SOCKET
    assert receivers.__name__
    assert runs.__name__


@EITHER_WAY
@pytest.mark.parametrize("name", sorted(SCENES.keys() - ONLY_OVER_A_SOCKET))
async def test_in_process(tmp_path: Path, name: str, cancel: Any) -> None:
    """At every suspension there is: the next one is tried until the coroutine ends before it."""
    at = 1
    while await attempt(InProcess(), SCENES[name], tmp_path, at, cancel):
        at += 1
        assert at < MOST
    assert at > 1, f"{name} never suspends"


@EITHER_WAY
@pytest.mark.parametrize("name", sorted(SCENES))
async def test_over_a_socket(tmp_path: Path, box: RunningSandbox, name: str, cancel: Any) -> None:
    """At all suspensions of what is tried here alone; else at the first, and at some more, by a seed of its own."""
    dice = random.Random(f"{name} {cancel.__name__}")
    up_to = MOST if name in ONLY_OVER_A_SOCKET - MANY else ALL_UP_TO
    at = 1
    while await attempt(OverSocket(box), SCENES[name], tmp_path, at, cancel):
        at += 1 if at < up_to else dice.randint(1, at)
        assert at < MOST
    assert at > 1, f"{name} never suspends"


async def attempt(theatre: Theatre, scene: Scene, folder: Path, at: int, cancel: Any) -> bool:
    """Cancel a scene at one suspension and see what is left; False if it ended before."""
    apart = folder / str(at)
    apart.mkdir()
    files = descriptors()
    async with theatre.client() as journey:
        stage = Stage(theatre, journey, apart)
        earlier = len(await ids(theatre))
        call = await scene(stage)
        idle = asyncio.all_tasks()
        counted = Counted(call(), at=at)
        result = await cancel(counted)
        assert counted.reached or result is not CANCELLED
        await check(stage, earlier, result, idle)
    await closed(files)
    return counted.reached
