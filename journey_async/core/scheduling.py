"""Which node of a graph is started next: the one with the longest way still to go below it."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def generations(parents: Sequence[int | None]) -> list[int]:
    """Give for each node how many generations are below it; *parents* are places, each before its children."""
    below = [0] * len(parents)
    for place in range(len(parents) - 1, -1, -1):
        parent = parents[place]
        if parent is not None:
            below[parent] = max(below[parent], below[place] + 1)
    return below


class Ready:
    """The nodes that may start, by their places: first the one with most generations below, then in drawing order."""

    def __init__(self, parents: Sequence[int | None]) -> None:
        self._below = generations(parents)
        self._heap: list[tuple[int, int]] = []

    def __len__(self) -> int:
        return len(self._heap)

    def put(self, place: int) -> None:
        """Let the node at *place* start when its turn comes."""
        heapq.heappush(self._heap, (-self._below[place], place))

    def take(self) -> int | None:
        """Take out the place of the node to start next; None if there is none."""
        return heapq.heappop(self._heap)[1] if self._heap else None
