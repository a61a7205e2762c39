"""What of the news about a node can still have happened, now that others may have written about it too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from journey_async.core.history import History, Life
from journey_async.core.records import Accepted, DamageError, Doubted, IndexChosen, NodeDrawn, Settled, encode

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from journey_async.core.records import Record


def life_of(records: Iterable[Record]) -> tuple[History, Life]:
    """Give what the records of one node come to. Raises `DamageError` if they are none of a node."""
    history = History()
    life: Life | None = None
    for record in records:
        if isinstance(record, NodeDrawn):
            if record.parent is not None:
                history.lives[record.parent] = Life(number=record.parent)
            history.take(record)
            life = history.lives[record.number]
        else:
            history.take(record)
    if life is None:
        message = "no node was drawn"
        raise DamageError(message)
    return history, life


def fitting(known: Sequence[Record], news: Sequence[Record]) -> list[Record]:
    """Give those of the *news* about a node that follow from what is *known* of it.

    Dropped is what was written already, and what another worker has overtaken. A request that somebody else took for
    lost, and that was accepted after all, is adopted.
    """
    history, life = life_of(known)
    written = set(map(encode, known))
    # That nobody chose is written a second time, in the same words, once the node was to be sent again.
    settled = max((place for place, record in enumerate(known) if isinstance(record, Settled)), default=0)
    lately = set(map(encode, known[settled:]))
    kept: list[Record] = []
    for new in news:
        record = _in_doubt_no_longer(life, new)
        if encode(record) in (lately if isinstance(record, IndexChosen) else written):
            continue
        try:
            history.take(record)
        except DamageError:
            continue
        kept.append(record)
    return kept


def _in_doubt_no_longer(life: Life, record: Record) -> Record:
    doubted = life.in_doubt and life.intent is not None and bool(life.why)
    if isinstance(record, Accepted) and doubted and life.intent is not None and life.intent.intent == record.intent:
        return Settled(at=record.at, number=life.number, how="adopted", task_id=record.task_id)
    return record


def doubts(life: Life) -> Doubted | None:
    """Give the record that a request is in doubt which an earlier life of a worker marked and never answered."""
    if life.intent is None or not life.in_doubt or life.why:
        return None
    return Doubted(intent=life.intent.intent, why="the worker died before the reply was recorded")
