"""Whether the service answers questions: an outage is waited out, and told when it begins and when it ends."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from journey_async.retry import loggable

if TYPE_CHECKING:
    from collections.abc import Callable

    from journey_async.errors import JourneyError

OUTAGE: Final = 2
"""So many questions in a row without an answer are an outage; one alone is not worth a word."""

_log = logging.getLogger("journey_async")


class Outage:
    """Counts the questions in a row that went unanswered."""

    def __init__(self) -> None:
        self.failures = 0
        self.listeners: list[Callable[[JourneyError | None], None]] = []
        """Called when the service has stopped answering, and with None when it answers again."""

    def unanswered(self, error: JourneyError) -> None:
        """Take in that a question went unanswered."""
        self.failures += 1
        if self.failures == OUTAGE:
            _log.warning("waiting for the service to answer again: %s", loggable(error))
            self._tell(error)

    def answered(self) -> None:
        """Take in that a question was answered."""
        failures, self.failures = self.failures, 0
        if failures >= OUTAGE:
            _log.warning("the service answers again, after %d questions without an answer", failures)
            self._tell(None)

    def _tell(self, error: JourneyError | None) -> None:
        for tell in tuple(self.listeners):
            tell(error)
