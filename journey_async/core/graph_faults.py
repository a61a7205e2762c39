"""What is wrong with a file that describes a graph: all of it, and where."""

from __future__ import annotations

from journey_async.errors import FileFault


def shown(field: str, value: object) -> object:
    """Give what a fault may show of a field: nothing of a secret, not even of one whose name is misspelt."""
    return "…" if "secret" in field else value


def whole(message: str) -> FileFault:
    """Make the fault of a file as a whole."""
    return FileFault(argument="", value=None, message=message)
