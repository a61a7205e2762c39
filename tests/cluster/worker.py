"""A worker as a process that can be killed: `python -m tests.cluster.worker DATABASE SERVICE NAME [ADOPT...]`."""

from __future__ import annotations

import logging
import os
import sys
from functools import partial

import anyio

from journey_async import Cluster, JournalError, JourneyClient, Pace
from tests.cluster.conftest import KEY, PATIENT


async def work(database: str, service: str, name: str, adopt: list[str]) -> None:
    pace = Pace(lag=0.1, longest=0.5, ahead=0.05)
    async with JourneyClient(KEY, base_url=service, cluster=Cluster(database), pace=pace, retry=PATIENT) as journey:
        await journey.work(name=name, adopt=adopt)


if __name__ == "__main__":
    logging.basicConfig(level=os.environ.get("LEVEL", "ERROR"))
    database, service, name, *adopt = sys.argv[1:]
    try:
        anyio.run(partial(work, database, service, name, adopt))
    except JournalError as error:
        # It was begun while the database was away, or before another of its name was quite dead.
        sys.exit(f"worker {name}: {error}")
