"""From an error to the one line that the command says about it."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from attrs import frozen

from journey_async.errors import ConfigurationError, JourneyError

if TYPE_CHECKING:
    from collections.abc import Mapping

FAILED: Final = 1
MISUSED: Final = 2
INTERRUPTED: Final = 130
_EXTRAS: Final[Mapping[str, str]] = MappingProxyType({"PIL": "sandbox", "rich": "cli", "typer": "cli"})


class CommandError(Exception):
    """The command cannot do what it was asked; the message is for whoever typed it."""

    def __init__(self, message: str, *, exit_code: int = FAILED) -> None:
        super().__init__(message)
        self.exit_code = exit_code


@frozen(kw_only=True)
class Complaint:
    """One line, and the exit code that goes with it."""

    text: str
    exit_code: int


def complaint_about(error: Exception) -> Complaint | None:
    """Say what went wrong; None if *error* is a bug, whose traceback is wanted."""
    match error:
        case ExceptionGroup():
            # Tasks that failed together: one bug among them is worth its traceback, else the first reason will do.
            complaints = [complaint_about(child) for child in error.exceptions]
            return complaints[0] if all(complaints) else None
        case ImportError():
            return _missing(error)
        case CommandError():
            return Complaint(text=_one_line(error), exit_code=error.exit_code)
        case JourneyError():
            exit_code = MISUSED if isinstance(error, ConfigurationError) else FAILED
            return Complaint(text=_one_line(error), exit_code=exit_code)
        case _:
            return None


def _missing(error: ImportError) -> Complaint | None:
    # The sandbox says in words of its own that Pillow is missing; the import that failed is the cause.
    failed = error.__cause__ if isinstance(error.__cause__, ImportError) else error
    module = (failed.name or "").partition(".")[0]
    extra = _EXTRAS.get(module)
    if extra is None:
        return None
    # With both extras, because either alone is of little use to the command.
    text = f"{module} is not installed, it comes with the extra {extra!r}: pip install 'journey-async[cli,sandbox]'"
    return Complaint(text=text, exit_code=MISUSED)


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())
