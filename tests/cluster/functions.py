"""What workers call in these tests, by import path."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from anyio.lowlevel import checkpoint

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from journey_async import Grid, NodeFinished

CALLED: Final[list[tuple[str, int]]] = []
"""The nodes after whose ends something was called, and how many files they had."""


async def third(grid: Grid) -> int:
    return 3 if grid.urls else 1


async def nothing(grid: Grid) -> None:
    """Choose no tile."""


async def raises(grid: Grid) -> int:
    message = "no score today"
    raise ValueError(message)


def count(node: NodeFinished[Any], files: Sequence[Path]) -> None:
    CALLED.append((node.node.key, len(files)))


async def fails(node: NodeFinished[Any], files: Sequence[Path]) -> None:
    await checkpoint()
    message = "no space left"
    raise OSError(message)
