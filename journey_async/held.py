"""Watches by task id, each for as long as somebody holds it."""

# `WeakValueDictionary` does the same, but goes through five functions of Python for every task that is submitted.

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import ref

from journey_async.watch import Watch

if TYPE_CHECKING:
    from collections.abc import Iterator


class _Reference(ref[Watch]):
    """Knows whose it is when the watch is gone."""

    __slots__ = ("task_id",)

    task_id: str


class Held:
    """The watches that somebody holds."""

    def __init__(self) -> None:
        references: dict[str, ref[Watch]] = {}

        def gone(reference: _Reference) -> None:
            # Another watch may stand in its place.
            if references.get(reference.task_id) is reference:
                del references[reference.task_id]

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
        reference = _Reference(watch, self._gone)
        reference.task_id = task_id = watch.task_id
        self._references[task_id] = reference

    def remove(self, task_id: str) -> None:
        """Keep the watch of a task no longer, whether it is kept or not."""
        self._references.pop(task_id, None)
