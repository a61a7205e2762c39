"""The exit codes of `journey`: a shell script can tell what became of its credits."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

DONE: Final = 0
REFUSED: Final = 1
MISUSED: Final = 2
TASKS_FAILED: Final = 3
IN_DOUBT: Final = 4
NO_CREDITS: Final = 5
UNREACHABLE: Final = 6
INTERRUPTED: Final = 130
READER_GONE: Final = 141

EXIT_CODES: Final[Mapping[int, str]] = MappingProxyType(
    {
        DONE: "done",
        REFUSED: "refused, by this command or by the service: nothing was bought",
        MISUSED: "wrong usage or configuration: an option, the key, an extra",
        TASKS_FAILED: "tasks failed, or files could not be saved",
        IN_DOUBT: "in doubt: a paid request may or may not have been accepted",
        NO_CREDITS: "not enough credits, or beyond the budget",
        UNREACHABLE: "the service cannot be reached, or does not answer as it should",
        INTERRUPTED: "Ctrl-C",
        READER_GONE: "whoever read the output stopped reading",
    }
)
"""What each code means."""

_WORST_FIRST: Final = (INTERRUPTED, MISUSED, IN_DOUBT, NO_CREDITS, UNREACHABLE, TASKS_FAILED, REFUSED, DONE)


def worst(codes: Iterable[int], /) -> int:
    """Give the code that goes before the others, where several things went wrong."""
    return min(codes, key=_WORST_FIRST.index, default=DONE)
