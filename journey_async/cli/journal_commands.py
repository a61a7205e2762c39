"""`journey status` and `journey settle`: what a journal tells, and what becomes of a node in doubt."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import anyio
import typer

from journey_async.cli.complaints import CommandError, one_line
from journey_async.cli.connection import connected
from journey_async.cli.exit_codes import DONE, MISUSED, worst
from journey_async.cli.interruption import interruptible
from journey_async.cli.outcome_texts import advice, command, exit_code_for, rows_as_lines, sums
from journey_async.cli.result_texts import json_line
from journey_async.cli.run_json import node_as_json, outcome_as_json
from journey_async.cli.standing import standing_of
from journey_async.cluster.address import Cluster
from journey_async.runs import read_journal
from journey_async.settling import Abandon, Adopt, Resubmit

if TYPE_CHECKING:
    from pathlib import Path

    from journey_async.cli.standing import Standing
    from journey_async.core.outcome import Outcome
    from journey_async.settling import Settlement


def status(journal: Path | Cluster, *, as_json: bool) -> int:
    """Show what came of the runs of *journal* so far and give the exit code."""
    outcome, standing = anyio.run(_read, journal, backend="asyncio")
    code = worst((exit_code_for(outcome), DONE if standing is None else standing.exit_code))
    if as_json:
        for row in outcome:
            typer.echo(json_line(node_as_json(row)))
        told = {} if standing is None else standing.as_json()
        typer.echo(json_line(outcome_as_json(outcome, exit_code=code) | told))
        return code
    about = () if standing is None else standing.lines(journal, outcome)
    for line in (*rows_as_lines(outcome), sums(outcome), *about, *advice(outcome, journal)):
        typer.echo(line)
    return code


async def _read(journal: Path | Cluster) -> tuple[Outcome, Standing | None]:
    return await read_journal(journal), await standing_of(journal)


def settlement_of(*, adopt: str | None, resubmit: bool, abandon: bool) -> Settlement:
    """Give the one decision that was typed. Raises `CommandError` for none and for several."""
    given: list[Settlement] = [] if adopt is None else [Adopt(adopt)]
    given += [Resubmit()] if resubmit else []
    given += [Abandon()] if abandon else []
    if len(given) != 1:
        raise CommandError("give exactly one of --adopt TASK, --resubmit and --abandon", exit_code=MISUSED)
    return given[0]


def settle(journal: Path | Cluster, node: str, settlement: Settlement, *, key_file: Path | None) -> int:
    """Record in *journal* what becomes of *node* and give the exit code."""
    client = connected(key_file)

    async def work() -> int:
        async with client as journey:
            await journey.settle(journal, node, settlement)
        return DONE

    code = anyio.run(partial(interruptible, work, stopping=lambda: None), backend="asyncio")
    if code == DONE:
        what = "workers act on it. Follow the run with" if isinstance(journal, Cluster) else "it takes effect with"
        typer.echo(f"node {one_line(node)} is settled; {what}: {command('resume', journal)}")
    return code
