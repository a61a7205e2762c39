"""What the service really took, what the clients said of it, and what is wrong between the two."""

# pyright: reportPrivateUsage=false

from __future__ import annotations

import json
from collections import Counter
from random import Random
from typing import TYPE_CHECKING, Any, Final

from attrs import define, field

from benchmarks.kill import Books, asked_by
from journey_async import JourneyError, SubmissionInDoubtError, Task, TaskFailedError, TaskNotFoundError
from journey_async.sandbox.faults import ActiveFaults

if TYPE_CHECKING:
    from collections.abc import Awaitable, Collection

    from benchmarks.kill import Asked
    from journey_async import JourneyClient, Result
    from journey_async.sandbox import Sandbox

MUST_BE_ZERO: Final = (
    "charged twice",
    "accepted and unknown",
    "hung",
    "wrong results",
    "leaked connections",
    "leaked tasks",
    "leaked descriptors",
)


@define(eq=False)
class Findings:
    """The counts of a campaign, and what is wrong in words."""

    counts: Counter[str] = field(factory=Counter[str])
    injected: Counter[str] = field(factory=Counter[str])
    wrong: list[str] = field(factory=list[str])

    def found(self, what: str, words: str) -> None:
        """Note one thing of which there must be none."""
        self.counts[what] += 1
        self.wrong.append(f"{what}: {words}")

    @property
    def clean(self) -> bool:
        return not any(self.counts[what] for what in MUST_BE_ZERO)

    def add(self, other: Findings) -> None:
        self.counts += other.counts
        self.injected += other.injected
        self.wrong += other.wrong


class Account:
    """One sandbox's books, against which everything is checked that clients say."""

    def __init__(self, box: Sandbox, findings: Findings, *, forgetful: bool) -> None:
        """Look into the books of *box*, which is *forgetful* if it leaves tasks out of its replies on purpose."""
        self.box = box
        self.books = Books(box)
        self.findings = findings
        self.known: set[str] = set()
        """The tasks that a client named as accepted."""
        self.doubted: set[Asked] = set()
        """What a client reported in doubt."""
        self.forgetful = forgetful
        self._strikes = box.world._account.faults
        self._count_strikes()

    async def paid(self, call: Awaitable[Task[Any]]) -> Task[Any] | None:
        """Make a paid call and note what the client says of it; None if it said no."""
        try:
            task = await call
        except SubmissionInDoubtError as doubt:
            self.note_doubt(doubt)
            return None
        except JourneyError as error:
            self.note_error(error)
            return None
        self.known.add(task.id)
        return task

    def note_doubt(self, doubt: SubmissionInDoubtError) -> None:
        self.doubted.add(asked_by(doubt))

    def note_error(self, error: JourneyError) -> None:
        """Check what the client says about a task, or about a request that was not accepted."""
        self.findings.counts[f"told: {type(error).__name__}"] += 1
        match error:
            case TaskFailedError():
                charges = {charge["task_id"]: charge for charge in self.box.ledger()["charges"]}
                if error.task_id not in charges or not charges[error.task_id]["refunded"]:
                    self.findings.found("wrong results", f"{error}, and the books say otherwise")
            case TaskNotFoundError():
                if not self.forgetful and error.task_id in self.accepted:
                    self.findings.found("wrong results", f"{error}, and the service has it")
            case _ if error.credits_may_have_moved:
                self.findings.found("wrong results", f"not in doubt, but credits may have moved: {error!r}")
            case _:
                pass

    def note_orphans(self, journey: JourneyClient) -> None:
        """Take note of what was bought for callers that had left."""
        for orphan in journey.orphans:
            if isinstance(orphan, SubmissionInDoubtError):
                self.note_doubt(orphan)
            else:
                self.known.add(orphan.id)

    def check_result(self, task_id: str, result: Result) -> None:
        """Compare a result with the task that it is said to be of."""
        if result.task_id != task_id or not all(f"/{task_id}/" in url for url in result.urls):
            self.findings.found("wrong results", f"task {task_id} was given {result!r}")

    @property
    def accepted(self) -> set[str]:
        return {task for tasks in self.books.tasks.values() for task in tasks}

    def stuck(self, task_ids: Collection[str]) -> bool:
        """Tell whether one of the tasks will never end."""
        account = self.box.world._account
        # Nothing waits in between: the faults are away for this question alone.
        account.faults, kept = ActiveFaults((), Random(1)), account.faults
        try:
            return any(self._percentage(task_id) in {"93", 93} for task_id in task_ids)
        finally:
            account.faults = kept

    def _percentage(self, task_id: str) -> object:
        headers = {"Authorization": self.box.api_key, "Content-Type": "application/json"}
        body = json.dumps({"task_id": task_id}).encode()
        now = self.box._clock.now()
        answer = self.box.world.answer("POST", "/api/v1/fetch", headers=headers, body=body, now=now)
        return json.loads(answer.body).get("percentage")

    def close(self) -> None:
        """Compare the books with all that clients said."""
        self.findings.counts["tasks"] += self.books.accepted
        for what, tasks in self.books.tasks.items():
            if len(tasks) > 1:
                self.findings.found("charged twice", f"{what}: {tasks}")
            if what in self.doubted:
                self.findings.counts["accepted, reported in doubt"] += 1
            elif not set(tasks) <= self.known:
                self.findings.found("accepted and unknown", f"{what}: {tasks}")
        self.findings.counts["reported in doubt"] += len(self.doubted)
        for task_id in self.known - self.accepted:
            self.findings.found("wrong results", f"no such task was accepted: {task_id}")

    def _count_strikes(self) -> None:
        strike = self._strikes.strike

        def counted(names: Collection[str], endpoint: str) -> str | None:
            struck = strike(names, endpoint)
            if struck is not None:
                self.findings.injected[f"sandbox: {struck}"] += 1
            return struck

        self._strikes.strike = counted  # type: ignore[method-assign]
