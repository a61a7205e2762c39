"""How the page writes times."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

MINUTE: Final = 60
HOUR: Final = 3600
_TENTHS_UP_TO: Final = 10


def duration(seconds: float) -> str:
    """Write a duration: `4.2 s`, `42 s`, `2 min 14 s`, `3 h 5 min`."""
    if seconds < _TENTHS_UP_TO:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < MINUTE:
        return f"{whole} s"
    if whole < HOUR:
        return f"{whole // MINUTE} min {whole % MINUTE} s"
    return f"{whole // HOUR} h {whole % HOUR // MINUTE} min"


def moment(at: float) -> str:
    """Write a time of day and its date."""
    return _written(at, "%Y-%m-%d %H:%M:%S UTC")


def day(at: float) -> str:
    """Write a date."""
    return _written(at, "%Y-%m-%d")


def _written(at: float, form: str) -> str:
    try:
        return datetime.fromtimestamp(at, UTC).strftime(form)
    except (OverflowError, ValueError, OSError):
        return "at an unknown time"
