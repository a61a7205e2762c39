"""`journey worker`: carries nodes of a cluster's runs until it is told to stop."""

from __future__ import annotations

import logging
import socket
import sys
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import anyio
import typer
from attrs import frozen

from journey_async.cli.complaints import CommandError, one_line
from journey_async.cli.connection import connected
from journey_async.cli.exit_codes import MISUSED
from journey_async.cli.interruption import interruptible
from journey_async.cli.journals import database_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from journey_async.client import JourneyClient
    from journey_async.cluster.address import Cluster


@frozen(kw_only=True)
class WorkerOrder:
    """What was typed."""

    cluster: Cluster
    name: str
    adopt: tuple[str, ...]
    code: tuple[str, ...]
    download: Path | None

    @classmethod
    def of(
        cls, cluster: str, *, name: str | None, adopt: Sequence[str], code: Sequence[str], download: Path | None
    ) -> WorkerOrder:
        """Check the options, and make the folder. Raises `CommandError` and `ConfigurationError`."""
        if download is not None:
            try:
                download.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                message = f"cannot make the folder {download}: {error.strerror or error}"
                raise CommandError(message, exit_code=MISUSED) from error
        return cls(
            cluster=database_of(cluster),
            name=socket.gethostname() if name is None else name,
            adopt=tuple(adopt),
            code=tuple(code),
            download=download,
        )


def work(order: WorkerOrder, *, key_file: Path | None) -> int:
    """Be a worker until SIGTERM or Ctrl-C, and give the exit code."""
    client = connected(key_file, cluster=order.cluster)
    # What goes wrong while it works is said when it happens, with the time: nobody watches it.
    logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s", level=logging.WARNING)
    if order.code:
        # A module beside the place where it is started is found like an installed one, behind those.
        sys.path.append(str(Path.cwd()))
    working = partial(_work, client, order)
    return anyio.run(partial(interruptible, working, stopping=_stopping, service=True), backend="asyncio")


async def _work(client: JourneyClient, order: WorkerOrder) -> int:
    try:
        async with client as journey:
            await journey.work(
                name=order.name,
                adopt=order.adopt,
                code=order.code,
                download=order.download,
                task_status=_Begun(order),
            )
    except anyio.get_cancelled_exc_class():
        typer.echo(f"worker {one_line(order.name)} has stopped")
        raise


class _Begun:
    """Says that a worker has begun."""

    def __init__(self, order: WorkerOrder) -> None:
        self._order = order

    def started(self, value: object = None) -> None:
        """Say it."""
        del value
        typer.echo(f"worker {self._order.name} carries nodes of {self._order.cluster.place}; Ctrl-C hands over")


def _stopping() -> None:
    with suppress(OSError):
        sys.stderr.write("journey: handing over what it had begun; Ctrl-C again leaves at once and loses nothing\n")
        sys.stderr.flush()
