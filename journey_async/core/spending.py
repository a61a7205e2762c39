"""What was spent, in credits. Apart from the events of runs: a client that never runs a graph counts it too."""

from __future__ import annotations

from journey_async.values import frozen


@frozen(kw_only=True)
class Spending:
    """What a run cost so far, in credits, by the published prices."""

    taken: int = 0
    """For requests that were accepted."""
    given_back: int = 0
    """For tasks that failed."""
    in_doubt: int = 0
    """For requests that may or may not have been accepted."""

    @property
    def spent(self) -> int:
        """What is certainly gone: `taken - given_back`."""
        return self.taken - self.given_back
