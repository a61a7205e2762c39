"""What happens in a run, as JSON objects: `journey run --json` prints one for each event, and the outcome last.

Every object has `event`. Those about a node have `node` (its key), `action`, `credits`, `task_id`; times are seconds
since 1970; an error is `{"type": ..., "message": ...}`.

- `planned`: nodes, to_send, credits {least, most}, earlier, differences {added, changed, removed}, balance, slots
- `submitted`: submitted_at
- `progressed`: status, percentage
- `finished`: kind, urls (and sheet_url, content or seed), submitted_at, ended_at, earlier
- `failed`: error, submitted_at, ended_at, earlier
- `skipped`: because, why
- `in doubt`: intent_id, error
- `waiting`: held_by, of a node (only `journey status` prints it); error, of a run
- `paused`: error. `resumed`: nothing more
- `saved`: node, files. `not saved`: node, error
- `outcome`: complete, counts by state, spending {taken, given_back, in_doubt, spent}, paused, exit_code
  and of a run that workers carry: afterwards {left, raised}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from journey_async.cli.result_texts import result_as_json
from journey_async.core.events import (
    NodeFailed,
    NodeFinished,
    NodeInDoubt,
    NodeProgressed,
    NodeSkipped,
    NodeSubmitted,
    NodeWaiting,
    RunPaused,
    RunPlanned,
    RunResumed,
    RunWaiting,
)

if TYPE_CHECKING:
    from journey_async.core.events import Event, NodeEvent, Row
    from journey_async.core.outcome import Outcome
    from journey_async.core.spending import Spending


def event_as_json(event: Event) -> dict[str, object]:
    """Give the object of one event."""
    match event:
        case RunPlanned():
            return _planned(event)
        case RunPaused():
            return {"event": "paused", "error": error_as_json(event.error)}
        case RunWaiting():
            return {"event": "waiting", "error": error_as_json(event.error)}
        case RunResumed():
            return {"event": "resumed"}
        case _:
            return node_as_json(event)


def node_as_json(event: NodeEvent | Row) -> dict[str, object]:
    """Give the object of what happened to a node."""
    node = event.node
    told: dict[str, object] = {
        "event": event.state,
        "node": node.key,
        "action": node.name,
        "credits": node.credits,
        "task_id": getattr(event, "task_id", None),
    }
    return told | _of_this_state(event)


def _of_this_state(event: NodeEvent | Row) -> dict[str, object]:
    told: dict[str, object]
    match event:
        case NodeSubmitted():
            told = {"submitted_at": event.submitted_at}
        case NodeProgressed():
            told = {"status": event.task_state.status, "percentage": event.task_state.percentage}
        case NodeFinished():
            result: Any = event.result
            told = {"kind": type(result).__name__, **result_as_json(result), **_times(event)}
        case NodeFailed():
            told = {"error": error_as_json(event.error), **_times(event)}
        case NodeSkipped():
            told = {"because": event.because.key, "why": event.why}
        case NodeInDoubt():
            told = {"intent_id": event.error.intent.id, "error": error_as_json(event.error)}
        case NodeWaiting():
            told = {"held_by": None if event.held_by is None else event.held_by.key}
    return told


def _times(event: NodeFinished[Any] | NodeFailed) -> dict[str, object]:
    return {"submitted_at": event.submitted_at, "ended_at": event.ended_at, "earlier": event.earlier}


def _planned(planned: RunPlanned) -> dict[str, object]:
    differences = planned.differences
    return {
        "event": "planned",
        "nodes": planned.nodes,
        "to_send": planned.to_send,
        "credits": {"least": planned.credits.least, "most": planned.credits.most},
        "earlier": spending_as_json(planned.earlier),
        "differences": {
            "added": list(differences.added),
            "changed": list(differences.changed),
            "removed": list(differences.removed),
        },
        "balance": planned.balance,
        "slots": planned.slots,
    }


def outcome_as_json(outcome: Outcome, *, exit_code: int) -> dict[str, object]:
    """Give the object that ends a run."""
    counts: dict[str, int] = {}
    for row in outcome:
        counts[row.state] = counts.get(row.state, 0) + 1
    return {
        "event": "outcome",
        "complete": outcome.complete,
        "counts": counts,
        "spending": spending_as_json(outcome.spending),
        "paused": None if outcome.paused is None else error_as_json(outcome.paused),
        "exit_code": exit_code,
    }


def spending_as_json(spending: Spending) -> dict[str, int]:
    """Give what was spent, in credits."""
    return {
        "taken": spending.taken,
        "given_back": spending.given_back,
        "in_doubt": spending.in_doubt,
        "spent": spending.spent,
    }


def error_as_json(error: Exception) -> dict[str, str]:
    """Give what an error is and says."""
    return {"type": type(error).__name__, "message": str(error)}
