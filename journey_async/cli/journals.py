"""Which run is meant: a journal's file, or a run in the database of a cluster."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from journey_async.cli.complaints import CommandError
from journey_async.cli.exit_codes import MISUSED
from journey_async.cluster.address import DEFAULT_RUN, Cluster

_UNFIT: Final = re.compile(r"[^A-Za-z0-9._-]+")
_LONGEST: Final = 100


def journal_of(text: str) -> Path | Cluster:
    """Give the journal that was typed. Raises `ConfigurationError` for a faulty address of a cluster."""
    return Cluster.named(text) or Path(text)


def database_of(text: str) -> Cluster:
    """Give the cluster whose database was typed, without a run. Raises `CommandError` and `ConfigurationError`."""
    if "#" in text:
        raise CommandError("this is about a whole database: leave out # and what follows", exit_code=MISUSED)
    return _cluster_of(text)


def run_of(text: str) -> Cluster:
    """Give the run of a cluster that was typed, which must be named."""
    cluster = _cluster_of(text)
    if "#" not in text:
        message = "name the run behind the database: postgresql://HOST/DATABASE#RUN"
        raise CommandError(message, exit_code=MISUSED)
    return cluster


def new_run(text: str, *, run: str | None, after: str | None, file: Path) -> Cluster:
    """Give the run of a cluster for a graph's *file*, named after it where no *run* is named."""
    return Cluster(database_of(text).url, run=name_after(file) if run is None else run, after=after)


def name_after(file: Path) -> str:
    """Make a run's name of the name of a file, so that the same command finds its run again."""
    return _UNFIT.sub("-", file.stem).strip("._-")[:_LONGEST] or DEFAULT_RUN


def _cluster_of(text: str) -> Cluster:
    cluster = Cluster.named(text)
    if cluster is None:
        message = "a cluster is the address of its PostgreSQL database: postgresql://USER@HOST/DATABASE"
        raise CommandError(message, exit_code=MISUSED)
    return cluster
