"""The graphs that are run: every order is one of a kind, so that the books show what was bought twice."""

from __future__ import annotations

from journey_async import TaskGraph


def drawn(name: str, nodes: int) -> TaskGraph:
    """Draw grids with unique prompts, each with two pictures, and a pan below the first."""
    graph = TaskGraph()
    while True:
        grid = graph.imagine(f"{name} elk {len(graph)}")
        picture = graph.upscale_1x(grid, index=1)
        graph.upscale_1x(grid, index=2)
        graph.pan(picture, direction="left")
        if len(graph) >= nodes:
            return graph
