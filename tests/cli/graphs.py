"""Graphs for the command to run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from journey_async import TaskGraph

if TYPE_CHECKING:
    from pathlib import Path


def animals(folder: Path, *names: str) -> Path:
    """Write a graph of six nodes for each name: a grid, a tile of it, four edits of that; 22 credits each."""
    graph = TaskGraph()
    for name in names:
        tile = graph.upscale_1x(graph.imagine(f"a majestic {name}", key=name), index=2, key=f"{name}-tile")
        graph.pan(tile, direction="left", key=f"{name}-left")
        graph.pan(tile, direction="right", key=f"{name}-right")
        graph.outpaint(tile, zoom_ratio=1.5, key=f"{name}-wide")
        graph.upscale_alt(tile, type="creative", key=f"{name}-big")
    file = folder / "animals.toml"
    graph.dump(file)
    return file


def pair(folder: Path) -> Path:
    """Write a graph of two nodes: a grid and a tile of it; 6 credits."""
    graph = TaskGraph()
    graph.upscale_1x(graph.imagine("an elk", key="elk"), index=2, key="tile")
    file = folder / "pair.toml"
    graph.dump(file)
    return file
