"""What an earlier run left of a node: its row, made anew from what the journal knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from journey_async.core import wire
from journey_async.core.events import (
    NOBODY_CHOSE,
    NodeFailed,
    NodeFinished,
    NodeInDoubt,
    NodeSkipped,
    NodeSubmitted,
    NodeWaiting,
    Row,
)
from journey_async.core.history import Life, Stage, Unchosen
from journey_async.core.reading import read_item
from journey_async.core.records import DamageError, error_from_values
from journey_async.core.tasks import Failed, Finished
from journey_async.errors import InvalidRequestError, SubmissionInDoubtError, TaskFailedError, UnreadableReplyError
from journey_async.intent import Intent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from journey_async.core.actions import Action
    from journey_async.core.node import Node

_NEVER_RECORDED = "no reply is recorded: it is still awaited, or the run ended before it came"


def row_of(node: Node[Any], life: Life) -> Row:  # noqa: PLR0911 - one for each that may have become of it
    """Give what became of *node* in earlier runs. Raises `DamageError` for a task or an index that cannot be read."""
    match life.stage:
        case Stage.ENDED:
            return _ended(node, life)
        case Stage.REFUSED:
            return NodeFailed(node=node, error=error_from_values(life.error), ended_at=life.ended_at, earlier=True)
        case Stage.ABANDONED:
            return NodeFailed(node=node, error=_doubt(node, life), ended_at=life.ended_at, earlier=True)
        case Stage.INTENDED | Stage.IN_DOUBT:
            return NodeInDoubt(node=node, error=_doubt(node, life))
        case Stage.ACCEPTED | Stage.NEW if life.given_up is not None:
            return _given_up(node, life, life.given_up)
        case Stage.ACCEPTED:
            return NodeSubmitted(node=node, task_id=life.task_id or "", submitted_at=life.submitted_at)
        case Stage.NEW:
            return _not_sent(node, life)


def _given_up(node: Node[Any], life: Life, error: Mapping[str, object]) -> Row:
    return NodeFailed(
        node=node,
        task_id=life.task_id or node.task_id,
        error=error_from_values(error),
        submitted_at=life.submitted_at,
        ended_at=life.ended_at,
        earlier=True,
    )


def _not_sent(node: Node[Any], life: Life) -> Row:
    if node.task_id is not None:
        return NodeSubmitted(node=node, task_id=node.task_id)
    if node.choice is None or life.index is Unchosen.UNCHOSEN:
        return NodeWaiting(node=node)
    if life.index is None:
        return NodeSkipped(node=node, because=node, why=NOBODY_CHOSE)
    _ = _chosen(node, life.index)
    return NodeWaiting(node=node)


def _chosen(node: Node[Any], index: str) -> Action:
    try:
        return node.action_with(index)
    except InvalidRequestError as error:
        message = f"the index that was chosen for node {node.key} is none: {index!r}"
        raise DamageError(message) from error


def _ended(node: Node[Any], life: Life) -> Row:
    try:
        state = read_item(life.task, kind=node.kind)
    except UnreadableReplyError as error:
        message = f"the task of node {node.key} cannot be read"
        raise DamageError(message) from error
    match state:
        case Finished():
            return NodeFinished(
                node=node,
                task_id=state.task_id,
                result=state.result,
                submitted_at=life.submitted_at,
                ended_at=life.ended_at,
                earlier=True,
            )
        case Failed():
            return NodeFailed(
                node=node,
                task_id=state.task_id,
                error=TaskFailedError(task_id=state.task_id, action=node.name, reason=state.error),
                submitted_at=life.submitted_at,
                ended_at=life.ended_at,
                earlier=True,
            )
        case _:
            message = f"the task of node {node.key} has not ended"
            raise DamageError(message)


def _doubt(node: Node[Any], life: Life) -> SubmissionInDoubtError:
    sent, action = life.intent, node.action
    if sent is None:
        message = f"node {node.key} is in doubt, and nothing was sent"
        raise DamageError(message)
    if node.choice is not None and isinstance(life.index, str):
        action = _chosen(node, life.index)
    request = None if action is None else wire.submission(action, sent.parent)
    body = {} if request is None else dict(request.body or {})
    body.pop("webhook_secret", None)
    intent = Intent(id=sent.intent, action=node.name, parent=sent.parent, path=f"/{node.name}", body=body)
    return SubmissionInDoubtError(intent, why=life.why or _NEVER_RECORDED)
