"""A program that runs a graph with a journal, and is killed, or finds the disk full or the journal read-only."""

from __future__ import annotations

import argparse
import faulthandler
import json
import logging
import os
import resource
import signal
import sys
from importlib import import_module

import anyio

from journey_async import JourneyError
from tests.chaos.clients import client
from tests.chaos.graphs import drawn


async def main(given: argparse.Namespace) -> None:
    # Who is not allowed much may not even be allowed to import the loop, or what the first run would load.
    import_module("journey_async.runs")
    _limited(given)
    said: dict[str, object] = {"ended": "cancelled"}
    async with anyio.create_task_group() as group:
        if given.graceful:
            group.start_soon(_until_terminated, group.cancel_scope)
        try:
            async with client(given.base_url, given.api_key) as journey:
                sys.stdout.write("begins\n")
                sys.stdout.flush()
                outcome = await journey.run(drawn(given.name, given.nodes), journal=given.journal)
                said = {"ended": "run", "rows": len(outcome)}
        except JourneyError as error:
            said = {"ended": type(error).__name__, "why": str(error)}
        group.cancel_scope.cancel()
    sys.stdout.write(json.dumps(said) + "\n")


async def _until_terminated(scope: anyio.CancelScope) -> None:
    with anyio.open_signal_receiver(signal.SIGTERM) as signals:
        async for _ in signals:
            scope.cancel()


def _limited(given: argparse.Namespace) -> None:
    if given.largest_file is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (given.largest_file, given.largest_file))
    if given.unprivileged and os.geteuid() == 0:
        # To the superuser nothing is read-only.
        os.setgid(65534)
        os.setuid(65534)


if __name__ == "__main__":
    faulthandler.enable()
    parser = argparse.ArgumentParser()
    for name in ("base_url", "api_key", "journal", "name"):
        parser.add_argument(name)
    parser.add_argument("--nodes", type=int, default=12)
    parser.add_argument("--graceful", action="store_true")
    parser.add_argument("--largest-file", type=int)
    parser.add_argument("--unprivileged", action="store_true")
    parser.add_argument("--uvloop", action="store_true")
    arguments = parser.parse_args()
    logging.getLogger("journey_async").addHandler(logging.NullHandler())
    anyio.run(main, arguments, backend_options={"use_uvloop": arguments.uvloop})
