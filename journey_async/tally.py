"""What a client has done so far, counted where it happens."""

from __future__ import annotations

from attrs import field

from journey_async.values import define


@define(eq=False)
class Tally:
    """The counts of one open client."""

    requests: dict[str, int] = field(factory=dict[str, int])
    repeated: int = 0
    accepted: int = 0
    finished: int = 0
    failed: int = 0
    in_doubt: int = 0
    taken: int = 0
    given_back: int = 0
    doubtful: int = 0

    def ended(self, *, failed: bool, price: int) -> None:
        """Count a task of this client that was seen to end."""
        if failed:
            self.failed += 1
            self.given_back += price
        else:
            self.finished += 1
