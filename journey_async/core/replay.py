"""A run that others carry: what they recorded is taken in as if it had happened here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from journey_async.core.events import NodeInDoubt
from journey_async.core.reading import read_item
from journey_async.core.records import (
    Accepted,
    DamageError,
    Doubted,
    Ended,
    GivenUp,
    IndexChosen,
    Intended,
    NodeDrawn,
    Record,
    Refused,
    Returned,
    RunBegan,
    Settled,
    error_from_values,
)
from journey_async.core.revival import row_of
from journey_async.core.tasks import Unfinished
from journey_async.errors import SubmissionInDoubtError, UnreadableReplyError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from journey_async.core.run_state import RunState


class Replay:
    """Keeps a run's state true to the records that others append."""

    def __init__(self, state: RunState) -> None:
        """Follow the run of *state* from where it is."""
        self._state = state
        self._places = {number: place for place, number in enumerate(state.numbers)}
        self._sent = {
            life.intent.intent: number for number, life in state.history.lives.items() if life.intent is not None
        }

    def take_in(self, records: Iterable[Record]) -> None:
        """Take in what was recorded. Raises `DamageError` for what no run writes there."""
        self._let_go_on()
        for record in records:
            self._take_in(record)
            self._let_go_on()

    def _let_go_on(self) -> None:
        # What may start is carried elsewhere: seen from here it is on its way.
        while self._state.take() is not None:
            pass
        self._state.take_choices()

    def _take_in(self, record: Record) -> None:
        if isinstance(record, Intended):
            self._sent[record.intent] = record.number
        place = self._place_of(record)
        if place is None:
            # Of another graph that was run under this name since.
            self._state.history.take(record)
        else:
            self._happened(place, record)

    def _place_of(self, record: Record) -> int | None:
        match record:
            case RunBegan() | NodeDrawn():
                return None
            case Accepted() | Returned() | Refused() | Doubted():
                number = self._sent.get(record.intent)
            case _:
                number = record.number
        return None if number is None else self._places.get(number)

    def _happened(self, place: int, record: Record) -> None:  # noqa: C901 - one case per kind of record
        state = self._state
        match record:
            case Intended():
                state.intend(place, record.intent, parent=record.parent, now=record.at)
            case Accepted():
                state.accepted(place, record.intent, record.task_id, now=record.at)
            case Returned():
                state.returned(place, record.intent, record.why)
            case Refused():
                state.refused(place, record.intent, error_from_values(record.error), now=record.at)
            case Doubted():
                state.doubted(place, self._doubt(place, record))
                state.lets_go(place)
            case IndexChosen():
                state.chosen(place, record.index, now=0.0)
            case Ended():
                self._ended(place, record)
            case GivenUp():
                state.lost(place, error_from_values(record.error), now=record.at)
            case Settled():
                self._settled(place, record)
            case RunBegan() | NodeDrawn():
                pass

    def _doubt(self, place: int, record: Doubted) -> SubmissionInDoubtError:
        state = self._state
        row = row_of(state.nodes[place], state.history.lives[state.numbers[place]])
        if not isinstance(row, NodeInDoubt):
            message = f"node {state.nodes[place].key} is in doubt, and was not about to be sent"
            raise DamageError(message)
        return SubmissionInDoubtError(row.error.intent, why=record.why)

    def _ended(self, place: int, record: Ended) -> None:
        node = self._state.nodes[place]
        try:
            ended = read_item(record.task, kind=node.kind)
        except UnreadableReplyError as error:
            message = f"the task of node {node.key} cannot be read"
            raise DamageError(message) from error
        if isinstance(ended, Unfinished):
            message = f"the task of node {node.key} has not ended"
            raise DamageError(message)
        self._state.ended(place, ended, now=record.at)

    def _settled(self, place: int, record: Settled) -> None:
        match record.how:
            case "adopted":
                self._state.adopted(place, record.task_id or "", now=record.at)
            case "resubmitted":
                self._state.resubmitted(place, now=record.at)
            case "abandoned":
                self._state.abandoned(place, now=record.at)
