"""What works inside a client that belongs to a cluster, beside what works in every client."""

# asyncio is used because what runs beside the user's own block must not wrap what he raises into a group.

from __future__ import annotations

import asyncio
import logging
import os
import socket
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import anyio
from attrs import field, frozen

from journey_async.cluster.account_slots import AccountSlots
from journey_async.cluster.database import Database
from journey_async.cluster.line import LARGEST, Line, packed
from journey_async.cluster.revealing import reveal
from journey_async.cluster.store import Store

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable

    from journey_async.cluster.address import Cluster
    from journey_async.core.deliveries import Delivery
    from journey_async.core.retrying import RetryPolicy
    from journey_async.watcher import Watcher
    from journey_async.webhooks import WebhookReceiver
    from journey_async.workings import Workings

_log = logging.getLogger("journey_async")


def _owner() -> str:
    return f"{socket.gethostname()}:{os.getpid()}:{os.urandom(4).hex()}"


@frozen(kw_only=True)
class Membership:
    """A client's part in a cluster."""

    cluster: Cluster
    database: Database
    owner: str = field(factory=_owner)

    def slots(self, watcher: Watcher, policy: RetryPolicy) -> AccountSlots:
        """Give the slots that the client shares with the others."""
        return AccountSlots(watcher, policy, self.database, self.owner)

    @asynccontextmanager
    async def working(self, workings: Workings, webhooks: WebhookReceiver | None) -> AsyncGenerator[None]:
        """Keep in touch with the others while the block lasts, and hand deliveries on that nobody here knows."""
        slots = workings.slots
        assert isinstance(slots, AccountSlots)  # noqa: S101 - this is where they come from
        line = Line(self.cluster, name=None, owner=self.owner, deliver=workings.submitter.delivered)
        await line.open()

        async def hand_on(delivery: Delivery) -> None:
            payload = packed(delivery, sender=self.owner)
            if len(payload.encode()) > LARGEST:
                return  # no service names tasks at such length
            node = await self.database.call(Store.publish, payload, task_id=delivery.task_id, intent=delivery.intent)
            if node is not None:
                await reveal(workings.sender.ask, self.database, *node, delivery.task_id)

        if webhooks is not None:
            webhooks.hand_on.append(hand_on)
        works = (line.listen, slots.do_errands, slots.follow, slots.beat)
        tasks = [asyncio.create_task(_steadily(work)) for work in works]
        try:
            yield
        finally:
            if webhooks is not None:
                webhooks.hand_on.remove(hand_on)
            with anyio.CancelScope(shield=True):
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
                await line.close()


async def _steadily(work: Callable[[], Awaitable[None]]) -> None:
    """Do what runs beside the user's block, and go on with it whatever happens: he has nobody to raise it to."""
    while True:
        try:
            await work()
        except Exception:  # noqa: BLE001 - whatever it is
            _log.exception("what a client does for its cluster failed, and is begun anew")
        await anyio.sleep(1.0)


@asynccontextmanager
async def joined(cluster: Cluster) -> AsyncGenerator[Membership]:
    """Belong to a cluster while the block lasts. Raises `JournalError` if it cannot be used."""
    async with Database(cluster, patient=True) as database:
        await database.check()
        yield Membership(cluster=cluster, database=database)
