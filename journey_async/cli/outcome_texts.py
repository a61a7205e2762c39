"""What came of a run, for a person: a line for each node, the sums, and what to type next."""

from __future__ import annotations

import shlex
from collections import Counter
from typing import TYPE_CHECKING

from journey_async.cli.complaints import counted, exit_code_of, one_line
from journey_async.cli.exit_codes import DONE, IN_DOUBT, TASKS_FAILED, worst
from journey_async.cli.run_texts import fact_about

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from journey_async.cluster.address import Cluster
    from journey_async.core.events import NodeInDoubt
    from journey_async.core.outcome import Outcome

SHOWN = 3
"""Nodes in doubt for which it is written out what to type."""


def exit_code_for(outcome: Outcome) -> int:
    """Give the exit code of a run: that of the worst that came of it."""
    codes = [DONE]
    codes += [IN_DOUBT] if outcome.in_doubt else []
    codes += [TASKS_FAILED] if outcome.failed else []
    codes += [] if outcome.paused is None else [exit_code_of(outcome.paused)]
    return worst(codes)


def rows_as_lines(outcome: Outcome) -> Iterator[str]:
    """Give a line for each node, with its task id where it has one."""
    for row in outcome:
        task_id = one_line(getattr(row, "task_id", None) or "-")
        fact = "" if row.state == "submitted" else one_line(fact_about(row))
        yield f"{row.state:10}  {one_line(row.node.key):20}  {task_id:36}  {fact}".rstrip()


def sums(outcome: Outcome) -> str:
    """Tell how many nodes are in which state and what it cost."""
    by_state = Counter(row.state for row in outcome)
    states = ", ".join(f"{number} {state}" for state, number in by_state.items())
    spending = outcome.spending
    back = f", {spending.given_back} given back" if spending.given_back else ""
    doubt = f", {spending.in_doubt} in doubt" if spending.in_doubt else ""
    return (
        f"{counted(len(outcome), 'node')}: {states or 'none'}\n{counted(spending.spent, 'credit')} spent{back}{doubt}"
    )


def advice(outcome: Outcome, journal: Path | Cluster) -> Iterator[str]:
    """Say what can be typed next."""
    for row in outcome.in_doubt[:SHOWN]:
        yield from _about_doubt(row, journal)
    if len(outcome.in_doubt) > SHOWN:
        yield f"and {len(outcome.in_doubt) - SHOWN} more are in doubt: {command('status', journal)}"
    if outcome.failed:
        yield f"send a failed node again: {command('settle', journal, outcome.failed[0].node.key)} --resubmit"
    if outcome.waiting or outcome.submitted:
        yield f"go on with the rest: {command('resume', journal)}"


def _about_doubt(row: NodeInDoubt, journal: Path | Cluster) -> Iterator[str]:
    yield f"{one_line(row.node.key)} may have been bought; look at the account, then"
    yield f"  {command('settle', journal, row.node.key)} --adopt TASK | --resubmit | --abandon"


def command(name: str, journal: Path | Cluster, *arguments: str) -> str:
    """Write a command that can be copied; the password of a cluster is not in it."""
    return one_line(shlex.join(["journey", name, str(journal), *arguments]))


__all__ = ("advice", "command", "exit_code_for", "rows_as_lines", "sums")
