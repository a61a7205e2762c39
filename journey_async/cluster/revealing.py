"""Which task a request in doubt became, where a webhook told it."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

from journey_async.cluster.appending import life_of
from journey_async.cluster.store import Store
from journey_async.core.history import Stage
from journey_async.core.records import Settled
from journey_async.errors import JourneyError
from journey_async.fetching import found
from journey_async.settling import check_adopted

if TYPE_CHECKING:
    from journey_async.cluster.database import Database
    from journey_async.fetching import Ask

_log = logging.getLogger("journey_async")


async def adoption(ask: Ask, database: Database, run: str, number: int, task_id: str) -> Settled | None:
    """Give the record that a node in doubt is this task; None if the service does not confirm that it may be.

    What a delivery tells is no proof: whoever saw one can forge the next.
    """
    history, _ = life_of(await database.call(Store.of_node, run, number))
    record = Settled(at=time.time(), number=number, how="adopted", task_id=task_id)
    if await database.call(Store.tells_of, run, task_id):
        return None
    try:
        check_adopted(history, record, await found(ask, task_id))
    except JourneyError as error:
        _log.warning("a delivery names task %s for node %d of run %s: %s", task_id, number, run, error)
        return None
    return record


async def reveal(ask: Ask, database: Database, run: str, number: int, task_id: str) -> None:
    """Take in that a delivery named the task of a node; one that is in doubt is adopted and carried."""
    _, life = life_of(await database.call(Store.of_node, run, number))
    if life.stage is Stage.IN_DOUBT:
        record = await adoption(ask, database, run, number, task_id)
        if record is not None:
            await database.call(Store.settle, run, record)
