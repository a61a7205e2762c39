"""What happens in a run, as lines for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from journey_async.cli.complaints import counted, one_line
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
    from journey_async.core.events import Differences, Event, NodeEvent, Row

_WHAT = 10
_KEY = 24
_NAME = 13


def text_of(event: Event) -> str:
    """Tell one event in one line."""
    match event:
        case RunPlanned():
            return planned_text(event)
        case RunPaused():
            return f"{'paused':{_WHAT}}  nothing more is submitted: {one_line(event.error)}"
        case RunWaiting():
            return f"{'waiting':{_WHAT}}  {one_line(event.error)}"
        case RunResumed():
            return f"{'resumed':{_WHAT}}  the service accepts again"
        case _:
            return node_text(event)


def is_old(event: Event) -> bool:
    """Tell whether an event is about what an earlier run got, which a person has seen already."""
    return isinstance(event, NodeFinished | NodeFailed) and event.earlier


def node_text(event: NodeEvent | Row) -> str:
    """Tell in one line what happened to a node."""
    node = event.node
    what = event.task_state.status if isinstance(event, NodeProgressed) else event.state
    fact = one_line(fact_about(event))
    return f"{one_line(what):{_WHAT}}  {one_line(node.key):{_KEY}}  {node.name:{_NAME}}  {fact}".rstrip()


def fact_about(event: NodeEvent | Row) -> str:
    """Tell what a node's state alone does not: the task, the seconds, the reason."""
    fact = ""
    match event:
        case NodeSubmitted():
            fact = f"task {event.task_id}"
        case NodeProgressed():
            fact = f"{event.task_state.percentage or 0}%"
        case NodeFinished(submitted_at=float() as submitted):
            fact = f"{event.ended_at - submitted:.1f} s"
        case NodeFailed():
            fact = str(event.error)
        case NodeSkipped():
            because = "" if event.because is event.node else f" ({event.because.key})"
            fact = f"{event.why}{because}"
        case NodeInDoubt():
            fact = event.error.why
        case NodeFinished() | NodeWaiting():
            pass
    return fact


def planned_text(planned: RunPlanned) -> str:
    """Tell what the run is to do and what it may cost."""
    slots = "as many at once as the service takes" if planned.slots is None else f"{planned.slots} at once"
    all_of_them = counted(planned.nodes, "node")
    nodes = f"{planned.to_send} of {all_of_them}" if planned.to_send != planned.nodes else all_of_them
    lines = [f"{'planned':{_WHAT}}  {nodes} to send for {planned.credits} of {planned.balance:g} credits, {slots}"]
    if planned.differences:
        lines.append(f"{'changed':{_WHAT}}  since the journal's last run: {_differences(planned.differences)}")
    return "\n".join(lines)


def _differences(differences: Differences) -> str:
    counted = {"new": differences.added, "changed": differences.changed, "removed": differences.removed}
    return ", ".join(f"{len(keys)} {word}" for word, keys in counted.items() if keys)
