"""The graph of a command: a file, or rows times a template."""

from __future__ import annotations

from typing import TYPE_CHECKING

from journey_async.cli.complaints import CommandError
from journey_async.cli.exit_codes import MISUSED
from journey_async.graph import TaskGraph
from journey_async.graph_files import ROW_SUFFIXES

if TYPE_CHECKING:
    from pathlib import Path


def load(file: Path, template: Path | None) -> TaskGraph:
    """Read the graph. Raises `CommandError`, `GraphFileError` with all faults of a file, and OSError."""
    if template is not None:
        return TaskGraph.from_rows(file, template)
    if file.suffix.lower() in ROW_SUFFIXES:
        message = f"{file} holds rows: name the graph that is made for each of them with --template FILE"
        raise CommandError(message, exit_code=MISUSED)
    return TaskGraph.load(file)


def journal_for(file: Path) -> Path:
    """Give the journal that belongs to *file* where none is named: beside it, so that the same run finds it again."""
    return file.with_suffix(".db")
