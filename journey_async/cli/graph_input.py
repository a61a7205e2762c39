"""The graph of a command: a file, or rows times a template."""

from __future__ import annotations

from typing import TYPE_CHECKING

from journey_async.cli.complaints import CommandError
from journey_async.cli.exit_codes import MISUSED
from journey_async.cli.journals import new_run
from journey_async.graph import TaskGraph
from journey_async.graph_files import ROW_SUFFIXES

if TYPE_CHECKING:
    from pathlib import Path

    from journey_async.cluster.address import Cluster


def load(file: Path, template: Path | None) -> TaskGraph:
    """Read the graph. Raises `CommandError`, `GraphFileError` with all faults of a file, and OSError."""
    if template is not None:
        return TaskGraph.from_rows(file, template)
    if file.suffix.lower() in ROW_SUFFIXES:
        message = f"{file} holds rows: name the graph that is made for each of them with --template FILE"
        raise CommandError(message, exit_code=MISUSED)
    return TaskGraph.load(file)


def chosen_journal(
    file: Path, journal: Path | None, *, cluster: str | None, run: str | None, after: str | None
) -> Path | Cluster:
    """Give the journal for the graph of *file*: named, in a database, or beside it, where the same run finds it again.

    Raises `CommandError` and `ConfigurationError`.
    """
    if cluster is not None:
        if journal is not None:
            message = "a run has one journal: give --journal FILE or --cluster URL"
            raise CommandError(message, exit_code=MISUSED)
        return new_run(cluster, run=run, after=after, file=file)
    if run is not None or after is not None:
        option = "--after" if run is None else "--run"
        raise CommandError(f"{option} is about a run that workers carry: add --cluster URL", exit_code=MISUSED)
    return file.with_suffix(".db") if journal is None else journal
