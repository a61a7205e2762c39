"""What is known of the way of a task that has a name."""

from __future__ import annotations

from journey_async.core.pacing import Progress


class Named(Progress):
    """The facts of a task that has a name."""

    def __init__(self, name: str, started: float = 0.0) -> None:
        super().__init__(started=started)
        self.name = name
