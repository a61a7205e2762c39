"""Watches by task id, each for as long as somebody holds it."""

# `WeakValueDictionary` does the same, but goes through five functions of Python for every task that is submitted.

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING
from weakref import ref

if TYPE_CHECKING:
    from collections.abc import Iterator

    from journey_async.watch import Watch


class Held:
    """The watches that somebody holds."""

    def __init__(self) -> None:
        references: dict[str, ref[Watch]] = {}

        def gone(task_id: str, reference: ref[Watch]) -> None:
            # Another watch may stand in its place.
            if references.get(task_id) is reference:
                del references[task_id]

        self._references = references
        self._gone = gone

    def __len__(self) -> int:
        return len(self._references)

    def __iter__(self) -> Iterator[Watch]:
        for reference in tuple(self._references.values()):
            watch = reference()
            if watch is not None:
                yield watch

    def get(self, task_id: str) -> Watch | None:
        """Give the watch of a task, if somebody holds it."""
        reference = self._references.get(task_id)
        return None if reference is None else reference()

    def put(self, watch: Watch) -> None:
        """Keep a watch for as long as somebody holds it."""
        self._references[watch.task_id] = ref(watch, partial(self._gone, watch.task_id))

    def remove(self, task_id: str) -> None:
        """Keep the watch of a task no longer, whether it is kept or not."""
        self._references.pop(task_id, None)
