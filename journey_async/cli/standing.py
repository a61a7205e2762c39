"""What is known of a run beside its records: a cluster's database tells it, a journal's file has none."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from attrs import frozen

from journey_async.cli.complaints import counted, exit_code_of, one_line
from journey_async.cli.exit_codes import DONE, TASKS_FAILED, worst
from journey_async.cli.outcome_texts import command
from journey_async.cli.run_json import error_as_json
from journey_async.cluster.address import Cluster
from journey_async.core.records import error_from_values

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from journey_async.core.outcome import Outcome
    from journey_async.errors import JourneyError


@frozen(kw_only=True)
class Standing:
    """What workers tell of a run."""

    paused: JourneyError | None = None
    """Why nothing more is sent, until somebody resumes the run."""
    left: int = 0
    """Finished nodes whose files are still to be saved, or whose function is still to be called."""
    raised: int = 0
    """Finished nodes where that went wrong."""

    @property
    def exit_code(self) -> int:
        """What this adds to the exit code of a run."""
        paused = DONE if self.paused is None else exit_code_of(self.paused)
        return worst((paused, TASKS_FAILED if self.raised else DONE))

    def lines(self, journal: Path | Cluster, outcome: Outcome) -> Iterator[str]:
        """Tell it to a person, beside what came of the run."""
        if self.paused is not None:
            yield f"paused: {one_line(self.paused)}"
        if self.left:
            yield f"{counted(self.left, 'finished node')} still to be dealt with by --after or --download of workers"
        if self.raised:
            yield f"--after or --download of workers went wrong for {counted(self.raised, 'node')}: their logs say why"
            if outcome.complete:
                yield f"try it again: {command('resume', journal)}"

    def as_json(self) -> dict[str, object]:
        """Tell it to a program."""
        return {
            "paused": None if self.paused is None else error_as_json(self.paused),
            "afterwards": {"left": self.left, "raised": self.raised},
        }


async def standing_of(journal: Path | Cluster) -> Standing | None:
    """Ask the database of a run; None for a journal's file. Raises `JournalError`."""
    if not isinstance(journal, Cluster):
        return None
    from journey_async.cluster.database import Database
    from journey_async.cluster.store import Store

    async with Database(journal, patient=False) as database:
        kept = await database.call(Store.run, journal.run)
        left, raised = await database.call(Store.afterwards, journal.run)
    paused = None if kept is None or kept.paused is None else error_from_values(json.loads(kept.paused))
    return Standing(paused=paused, left=left, raised=raised)
