"""From an error to the lines that the command says about it, and to its exit code."""

from __future__ import annotations

import os
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from attrs import frozen

from journey_async.cli.exit_codes import (
    IN_DOUBT,
    INTERRUPTED,
    MISUSED,
    NO_CREDITS,
    REFUSED,
    TASKS_FAILED,
    UNREACHABLE,
    worst,
)
from journey_async.errors import (
    ConfigurationError,
    DownloadError,
    InsufficientCreditsError,
    InvalidRequestError,
    JournalError,
    JourneyError,
    NoReplyError,
    RateLimitError,
    ServerError,
    SubmissionInDoubtError,
    TaskFailedError,
    UnaffordableError,
    UnreadableReplyError,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

FAILED: Final = REFUSED
_EXTRAS: Final[Mapping[str, str]] = MappingProxyType(
    {"PIL": "sandbox", "jinja2": "gallery", "rich": "cli", "typer": "cli"}
)
_CODES: Final[tuple[tuple[type[JourneyError], int], ...]] = (
    (ConfigurationError, MISUSED),
    (SubmissionInDoubtError, IN_DOUBT),
    (InsufficientCreditsError, NO_CREDITS),
    (UnaffordableError, NO_CREDITS),
    (TaskFailedError, TASKS_FAILED),
    (DownloadError, TASKS_FAILED),
    (NoReplyError, UNREACHABLE),
    (ServerError, UNREACHABLE),
    (RateLimitError, UNREACHABLE),
    (UnreadableReplyError, UNREACHABLE),
)
"""The exit codes of the errors that are more than refusals."""


class CommandError(Exception):
    """The command cannot do what it was asked; the message is for whoever typed it."""

    def __init__(self, message: str, *, exit_code: int = REFUSED) -> None:
        super().__init__(message)
        self.exit_code = exit_code


@frozen(kw_only=True)
class Complaint:
    """What to say, a line for each thing that is wrong, and the exit code that goes with it."""

    text: str
    exit_code: int


def complaint_about(error: Exception) -> Complaint | None:
    """Say what went wrong; None if *error* is a bug, whose traceback is wanted."""
    match error:
        case ExceptionGroup():
            return _of_many(error)
        case ImportError():
            return _missing(error)
        case CommandError():
            return Complaint(text=one_line(error), exit_code=error.exit_code)
        case JourneyError():
            return Complaint(text="\n".join(_lines(error)), exit_code=exit_code_of(error))
        case OSError(filename=str() | os.PathLike(), strerror=str(why)):
            return Complaint(text=one_line(f"{os.fspath(error.filename)}: {why}"), exit_code=REFUSED)
        case _:
            return None


def exit_code_of(error: JourneyError) -> int:
    """Give the exit code of an error of the package."""
    if isinstance(error, JournalError) and error.credits_may_have_moved:
        return IN_DOUBT
    return next((code for kind, code in _CODES if isinstance(error, kind)), REFUSED)


def one_line(text: object) -> str:
    """Put a text of many lines into one; what would steer the terminal is shown as its number."""
    line = " ".join(str(text).split())
    return "".join(char if char.isprintable() else f"\\x{ord(char):02x}" for char in line)


def counted(number: int, noun: str) -> str:
    """Write `1 file` or `2 files`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _of_many(group: ExceptionGroup[Exception]) -> Complaint | None:
    """Complain about tasks that failed together; one bug among them is worth its traceback."""
    complaints: list[Complaint] = []
    for child in group.exceptions:
        complaint = complaint_about(child)
        if complaint is None:
            return None
        complaints.append(complaint)
    lines = dict.fromkeys(complaint.text for complaint in complaints)
    return Complaint(text="\n".join(lines), exit_code=worst(complaint.exit_code for complaint in complaints))


def _lines(error: JourneyError) -> list[str]:
    match error:
        case InvalidRequestError(faults=[_, _, *_] as faults):
            return [*(one_line(f"{error.action}: {fault}") for fault in faults), "Nothing was sent."]
        case DownloadError(failures=[_, _, *_] as failures):
            return [one_line(failure) for failure in failures]
        case _:
            return [one_line(error)]


def _missing(error: ImportError) -> Complaint | None:
    # The sandbox says in words of its own that Pillow is missing; the import that failed is the cause.
    failed = error.__cause__ if isinstance(error.__cause__, ImportError) else error
    module = (failed.name or "").partition(".")[0]
    extra = _EXTRAS.get(module)
    if extra is None:
        return None
    # With the extra `cli`, because without it there is no command.
    extras = "cli,gallery" if extra == "gallery" else "cli,sandbox"
    text = f"{module} is not installed, it comes with the extra {extra!r}: pip install 'journey-async[{extras}]'"
    return Complaint(text=text, exit_code=MISUSED)


__all__ = (
    "FAILED",
    "INTERRUPTED",
    "MISUSED",
    "CommandError",
    "Complaint",
    "complaint_about",
    "exit_code_of",
    "one_line",
)
