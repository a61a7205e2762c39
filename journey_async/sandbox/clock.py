"""Sandbox time: real time, faster."""

from __future__ import annotations

import time


class Clock:
    """Counts sandbox seconds; it stands still before it is started and after it is stopped."""

    def __init__(self, *, speed: float) -> None:
        self._speed = speed
        self._began = 0.0
        self._stopped: float | None = 0.0

    def start(self) -> None:
        """Let time pass, from where it stands."""
        self._began = time.monotonic() - self.now() / self._speed
        self._stopped = None

    def now(self) -> float:
        """Give the sandbox seconds that are over."""
        return self._running() if self._stopped is None else self._stopped

    def real(self, seconds: float) -> float:
        """Give the real seconds that sandbox seconds take."""
        return seconds / self._speed

    def stop(self) -> None:
        """Let no more time pass."""
        self._stopped = self.now()

    def _running(self) -> float:
        return (time.monotonic() - self._began) * self._speed
