"""The command `journey`: the sandbox as a server, and a demonstration of the whole package."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from journey_async.cli.complaints import INTERRUPTED, complaint_about

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None, /) -> int:
    """Run the command and give its exit code.

    0 after success, 2 after wrong usage or configuration, 1 after any other error, 130 after Ctrl-C.
    """
    try:
        from journey_async.cli.app import run

        return run(arguments)
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:
        complaint = complaint_about(error)
        if complaint is None:
            raise
        sys.stderr.write(f"journey: {complaint.text}\n")
        return complaint.exit_code


__all__ = ("main",)
