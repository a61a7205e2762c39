"""What a journal knows of its nodes: its records, folded."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from attrs import field

from journey_async.core.node import EXISTING
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
    encode,
)
from journey_async.core.spending import Spending
from journey_async.values import define

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class Stage(Enum):
    """How far the newest attempt to get a node is, as far as the journal knows."""

    NEW = "not sent"
    INTENDED = "about to leave"
    ACCEPTED = "accepted"
    IN_DOUBT = "in doubt"
    REFUSED = "refused"
    ENDED = "ended"
    ABANDONED = "abandoned"


class Unchosen(Enum):
    """What stands where nothing was chosen, not even None."""

    UNCHOSEN = "unchosen"


@define
class Life:
    """All that a journal knows of one node."""

    number: int
    parent: int | None = None
    table: Mapping[str, object] = field(factory=dict[str, object])
    key: str = ""
    index: str | Unchosen | None = Unchosen.UNCHOSEN
    stage: Stage = Stage.NEW
    intent: Intended | None = None
    """The newest."""
    left: bool = False
    """Whether another run began since that intent was recorded."""
    task_id: str | None = None
    submitted_at: float | None = None
    ended_at: float = 0.0
    failed: bool = False
    task: Mapping[str, object] = field(factory=dict[str, object])
    """Once it has ended: what the service told."""
    error: Mapping[str, object] = field(factory=dict[str, object])
    """Once it is refused."""
    given_up: Mapping[str, object] | None = None
    """Why its task, or its choice, was given up; the next run tries again."""
    why: str = ""
    """Once it is in doubt."""
    taken: int = 0
    given_back: int = 0
    doubtful: int = 0
    """Credits of requests in doubt that were given up or sent again."""

    @property
    def in_doubt(self) -> bool:
        """Whether its newest request may or may not have been accepted."""
        return self.stage in {Stage.INTENDED, Stage.IN_DOUBT}

    @property
    def may_be_sent_again(self) -> bool:
        """Whether it is one that failed or was given up, or that was left out because nobody chose its index."""
        return (
            self.stage in {Stage.REFUSED, Stage.ABANDONED}
            or (self.stage is Stage.ENDED and self.failed)
            or self.given_up is not None
            or self.index is None
        )

    @property
    def price(self) -> int:
        """Credits that its newest request costs."""
        return 0 if self.intent is None else self.intent.credits


# ---------------------------------------------------------------------------------------------------------------------
# Records to history


class History:
    """What the records of a journal come to."""

    def __init__(self) -> None:
        self.lives: dict[int, Life] = {}
        self.keys: dict[int, str] = {}
        """The nodes of the newest graph, in drawing order."""
        self._intents: dict[str, Life] = {}

    def take(self, record: Record) -> None:
        """Take in the next record. Raises `DamageError` for one that no run writes there."""
        try:
            self._take(record)
        except (KeyError, ValueError) as error:
            message = f"a record that does not follow from those before it: {encode(record)[:80]!r}"
            raise DamageError(message) from error

    def _take(self, record: Record) -> None:
        match record:
            case RunBegan():
                self._begin({int(number): key for number, key in record.keys.items()})
            case NodeDrawn():
                _expect(record.number not in self.lives)
                parent = None if record.parent is None else self.lives[record.parent].number
                self.lives[record.number] = Life(number=record.number, parent=parent, table=record.table)
            case IndexChosen():
                life = self.lives[record.number]
                _expect(life.stage is Stage.NEW and life.index is Unchosen.UNCHOSEN)
                life.index = record.index
            case Intended():
                life = self.lives[record.number]
                _expect(life.stage is Stage.NEW and record.intent not in self._intents)
                self._intents[record.intent] = life
                life.stage, life.intent, life.left, life.why = Stage.INTENDED, record, False, ""
            case Accepted() | Returned() | Refused() | Doubted():
                life = self._intents[record.intent]
                newest = life.intent is not None and life.intent.intent == record.intent
                _expect(life.stage is Stage.INTENDED and newest)
                _answer(life, record)
            case Ended():
                _end(self.lives[record.number], record)
            case GivenUp():
                life = self.lives[record.number]
                _expect(_followed(life) or (life.stage is Stage.NEW and life.index is Unchosen.UNCHOSEN))
                life.given_up, life.ended_at = record.error, record.at
            case Settled():
                _settle(self.lives[record.number], record)

    def try_again(self) -> None:
        """Take in that a run begins: it tries again what was given up."""
        for life in self.lives.values():
            life.given_up = None

    def _begin(self, keys: Mapping[int, str]) -> None:
        _expect(len(set(keys.values())) == len(keys))
        self.try_again()
        for life in self.lives.values():
            life.left = True
        self.keys = {}
        for number, key in keys.items():
            life = self.lives[number]
            _expect(life.parent is None or life.parent in self.keys)
            life.key = self.keys[number] = key

    @property
    def sending(self) -> bool:
        """Whether a request of the newest run was marked and has no answer yet: in doubt only if the run died."""
        return any(life.stage is Stage.INTENDED and not life.left for life in self.lives.values())

    @property
    def spending(self) -> Spending:
        """What all of it cost so far."""
        lives = self.lives.values()
        return Spending(
            taken=sum(life.taken for life in lives),
            given_back=sum(life.given_back for life in lives),
            in_doubt=sum(life.doubtful + (life.price if life.in_doubt else 0) for life in lives),
        )


def _expect(holds: bool) -> None:  # noqa: FBT001 - it is a condition
    if not holds:
        raise ValueError


def fold(records: Iterable[Record]) -> History:
    """Give what *records* come to. Raises `DamageError` for records that no run writes in that order."""
    history = History()
    for record in records:
        history.take(record)
    return history


def _answer(life: Life, record: Accepted | Returned | Refused | Doubted) -> None:
    """Take in what came of the newest request."""
    match record:
        case Accepted():
            life.stage, life.task_id, life.submitted_at = Stage.ACCEPTED, record.task_id, record.at
            life.taken += life.price
        case Returned():
            life.stage = Stage.NEW
        case Refused():
            life.stage, life.error, life.ended_at = Stage.REFUSED, record.error, record.at
        case Doubted():
            life.stage, life.why = Stage.IN_DOUBT, record.why


def _followed(life: Life) -> bool:
    """Tell whether it has a task whose end is not known."""
    existed = life.stage is Stage.NEW and EXISTING in life.table
    return existed or life.stage is Stage.ACCEPTED


def _end(life: Life, record: Ended) -> None:
    """Take in how a task ended."""
    _expect(_followed(life))
    life.stage, life.task, life.failed, life.ended_at = Stage.ENDED, record.task, record.failed, record.at
    life.given_up = None
    if record.failed:
        life.given_back += life.price


def _settle(life: Life, record: Settled) -> None:
    """Take in what was decided."""
    _expect(life.in_doubt or (record.how == "resubmitted" and life.may_be_sent_again))
    if record.how == "adopted":
        _expect(record.task_id is not None)
        life.stage, life.task_id, life.submitted_at = Stage.ACCEPTED, record.task_id, record.at
        life.taken += life.price
        return
    if life.in_doubt:
        life.doubtful += life.price
    if record.how == "abandoned":
        life.stage, life.ended_at = Stage.ABANDONED, record.at
    else:
        life.stage, life.task_id, life.submitted_at, life.given_up = Stage.NEW, None, None, None
        life.index = Unchosen.UNCHOSEN if life.index is None else life.index
