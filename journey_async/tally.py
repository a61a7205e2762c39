"""What a client has done so far, counted where it happens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import field

from journey_async.core.spending import Spending
from journey_async.values import define, frozen

if TYPE_CHECKING:
    from collections.abc import Mapping


@frozen(kw_only=True)
class Statistics:
    """What a client has done since it was opened."""

    requests: Mapping[str, int]
    """Requests sent, by path, repetitions included."""
    repeated: int
    """Submissions and free requests that were sent again; a question while waiting is another one, not a repetition."""
    accepted: int
    """Paid requests that the service accepted, those too that only a webhook revealed."""
    finished: int
    """Of these: tasks that were seen to finish."""
    failed: int
    """Of these: tasks that were seen to fail."""
    in_doubt: int
    """Paid requests that may or may not have been accepted, and that no webhook has revealed so far."""
    spending: Spending
    """What they cost, by the published prices."""
    slots: int | None
    """Tasks at once that are believed to be allowed; None while nothing limits."""
    busy: int
    """Accepted tasks that are not known to have ended, and whose handles somebody still holds."""
    queued: int
    """Calls that wait for a slot."""


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

    @property
    def spending(self) -> Spending:
        """What was spent."""
        return Spending(taken=self.taken, given_back=self.given_back, in_doubt=self.doubtful)
