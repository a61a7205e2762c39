"""Graphs to run, and what to look for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio

from journey_async import TaskGraph
from tests.client.services import requests

if TYPE_CHECKING:
    from collections.abc import Callable

    from journey_async import Outcome
    from tests.client.services import Service

PAID = ("/imagine", "/upscale-1x", "/pan", "/reroll", "/variations", "/shorten")


def trees(number: int, *, prefix: str = "elk") -> TaskGraph:
    """Draw so many trees of four nodes: a grid, two of its pictures, and a pan of the first."""
    graph = TaskGraph()
    for index in range(number):
        grid = graph.imagine(f"{prefix} {index}", key=f"{prefix}-{index}")
        for tile in (1, 2):
            picture = graph.upscale_1x(grid, index=tile, key=f"{prefix}-{index}-{tile}")
            if tile == 1:
                graph.pan(picture, direction="left", key=f"{prefix}-{index}-left")
    return graph


def imagines(number: int, *, prefix: str = "elk") -> TaskGraph:
    """Draw so many roots."""
    graph = TaskGraph()
    for index in range(number):
        graph.imagine(f"{prefix} {index}", key=f"{prefix}-{index}")
    return graph


def chain() -> TaskGraph:
    """Draw a grid, a picture of it and a pan of that."""
    graph = TaskGraph()
    grid = graph.imagine("an elk", key="grid")
    picture = graph.upscale_1x(grid, index=2, key="picture")
    graph.pan(picture, direction="left", key="left")
    return graph


def paid(service: Service) -> int:
    """Count the paid requests that arrived, refused ones too."""
    return sum(requests(service, path) for path in PAID)


def states(outcome: Outcome) -> dict[str, str]:
    """Give what became of each node, by key."""
    return {row.node.key: row.state for row in outcome}


async def until(condition: Callable[[], bool]) -> None:
    while not condition():  # noqa: ASYNC110 - a test looks from outside
        await anyio.sleep(0.002)
