"""What a client tells of what it has done. Loaded when somebody asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from journey_async.core.spending import Spending
from journey_async.values import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from journey_async.slots import Slots
    from journey_async.tally import Tally


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


def statistics_of(tally: Tally, slots: Slots) -> Statistics:
    """Say what was done so far."""
    return Statistics(
        requests=dict(tally.requests),
        repeated=tally.repeated,
        accepted=tally.accepted,
        finished=tally.finished,
        failed=tally.failed,
        in_doubt=tally.in_doubt,
        spending=Spending(taken=tally.taken, given_back=tally.given_back, in_doubt=tally.doubtful),
        slots=slots.limit,
        busy=slots.busy,
        queued=slots.waiting,
    )
