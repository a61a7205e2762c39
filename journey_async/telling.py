"""Recording what is new about a run, and telling it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from journey_async.core.records import encode

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from journey_async.core.events import Event
    from journey_async.core.run_state import RunState


class Log(Protocol):
    """Where the records of a run are kept."""

    @property
    def records(self) -> Sequence[str]:
        """What earlier runs left."""
        ...

    async def write(self, *records: str) -> None:
        """Keep the records; they are safe on return."""
        ...

    def put(self, *records: str) -> None:
        """Keep the records soon, and certainly before the run is over."""
        ...

    @property
    def unwritten(self) -> Sequence[str]:
        """What could not be kept; complete when the run is over."""
        ...


class NoLog:
    """Keeps nothing: for a run in memory."""

    records: tuple[str, ...] = ()
    unwritten: tuple[str, ...] = ()

    async def write(self, *records: str) -> None:
        """Forget the records."""

    def put(self, *records: str) -> None:
        """Forget the records."""


class Teller:
    """Records and tells what is new about a run."""

    def __init__(self, state: RunState, log: Log, tell: Callable[[Event], None] | None) -> None:
        """Take where the news come from, and where they go; without *tell* they are only recorded."""
        self._state = state
        self._log = log
        self._tell = tell

    async def write(self) -> None:
        """Record and tell what is new; on return it is on disk. Raises `JournalError`."""
        records = self._told()
        await self._log.write(*records)

    def spread(self) -> None:
        """Record and tell what is new, without waiting for the disk."""
        self._log.put(*self._told())

    def _told(self) -> list[str]:
        news = self._state.news()
        if self._tell is not None:
            for event in news.events:
                self._tell(event)
        return [encode(record) for record in news.records]
