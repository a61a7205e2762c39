"""The command `journey`: the service, graphs of its tasks, and a sandbox that imitates it."""

from __future__ import annotations

import os
import sys
from io import TextIOWrapper
from typing import TYPE_CHECKING

from journey_async.cli.complaints import complaint_about
from journey_async.cli.exit_codes import INTERRUPTED, READER_GONE

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None, /) -> int:
    """Run the command and give its exit code, one of `exit_codes.EXIT_CODES`."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # What a terminal cannot show, a prompt in another script, is no reason to stop in the middle.
            stream.reconfigure(errors="backslashreplace")
    try:
        from journey_async.cli.app import run

        code = run(arguments)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:
        if _is_without_reader(error):
            return _without_reader()
        complaint = complaint_about(error)
        if complaint is None:
            raise
        return _complain(complaint.text, complaint.exit_code)
    return code


def _complain(text: str, exit_code: int) -> int:
    try:
        sys.stdout.flush()
        sys.stderr.write("".join(f"journey: {line}\n" for line in text.splitlines()))
        sys.stderr.flush()
    except BrokenPipeError:
        return _without_reader()
    return exit_code


def _is_without_reader(error: Exception) -> bool:
    match error:
        case ExceptionGroup():
            # What goes on side by side may have failed for this reason only.
            return all(_is_without_reader(child) for child in error.exceptions)
        case _:
            return isinstance(error, BrokenPipeError)


def _without_reader() -> int:
    """Whoever read the output is gone; Python would complain when it flushes the rest at its end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BrokenPipeError:
            os.dup2(nowhere, stream.fileno())
    return READER_GONE


__all__ = ("main",)
