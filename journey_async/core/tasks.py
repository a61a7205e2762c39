"""How far a task is: its state, with its result once finished and the service's words once failed."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final, Generic, Literal, TypeAlias, TypeVar

from attrs import field

from journey_async.core.kinds import Result
from journey_async.values import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

R = TypeVar("R", bound=Result)
R_co = TypeVar("R_co", bound=Result, covariant=True)

SUBMITTED: Final = "submitted"
"""Our own word for a task that was accepted and has not been asked about yet."""


@frozen(kw_only=True)
class Unfinished:
    """The task is on its way."""

    done: ClassVar[Literal[False]] = False

    task_id: str
    status: str
    """The service's word: staged, pending, starting, processing, or one it does not document; `submitted` is ours."""
    percentage: int | None = None
    """0 to 100, where the service tells it."""
    kind: type[Result] = Result
    raw: Mapping[str, object] = field(factory=dict[str, object], repr=False, eq=False)


@frozen(kw_only=True)
class Finished(Generic[R_co]):
    """The task has its result."""

    done: ClassVar[Literal[True]] = True
    status: ClassVar[Literal["finished"]] = "finished"
    percentage: ClassVar[int] = 100

    result: R_co

    @property
    def task_id(self) -> str:
        """The id of the task."""
        return self.result.task_id

    @property
    def kind(self) -> type[R_co]:
        """What the task is."""
        return type(self.result)

    @property
    def raw(self) -> Mapping[str, object]:
        """The reply as the service gave it."""
        return self.result.raw


@frozen(kw_only=True)
class Failed:
    """The service gave up on the task."""

    done: ClassVar[Literal[True]] = True
    status: ClassVar[Literal["failed"]] = "failed"

    task_id: str
    error: str
    """The service's words."""
    percentage: int | None = None
    kind: type[Result] = Result
    raw: Mapping[str, object] = field(factory=dict[str, object], repr=False, eq=False)


TaskState: TypeAlias = Unfinished | Finished[R_co] | Failed
"""Every state a task can be in; `done` tells the last two from the first."""


@frozen(kw_only=True)
class Account:
    """What `/account` tells. https://journeyapi.co/docs/account."""

    email: str = field(repr=False)
    credits: float
    """Left on the account."""
    total_images: int
    plan: str
    """The service's word, such as `starter`."""
    raw: Mapping[str, object] = field(factory=dict[str, object], repr=False, eq=False)

    @property
    def slots(self) -> int | None:
        """How many tasks the plan runs at once; None for a plan whose number is not published."""
        return PLANS.get(self.plan.lower())


PLANS: Final[Mapping[str, int]] = {"basic": 5, "starter": 10, "growth": 25}
"""Tasks at once by plan, as journeyapi.co/docs/errors gives them; enterprise is agreed on one by one."""
