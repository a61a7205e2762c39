"""The slots of the account in the database: each call is one transaction, and blocks."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from journey_async.cluster import beliefs, slot_rows

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from sqlalchemy import Connection


class SlotStore(ABC):
    """Who holds the slots, and what is believed of their number."""

    @abstractmethod
    def transaction(self) -> AbstractContextManager[Connection]:
        """Give a connection inside a transaction that is committed at the end of the block."""

    def take(self, holder: str, owner: str) -> bool:
        """Take a slot for a single call; False if it has to wait, which is before every node that is not sent."""
        with self.transaction() as connection:
            belief, now = beliefs.locked(connection)
            limit = belief.limit(now)
            slot_rows.forget_stale(connection)
            free = limit is None or limit > slot_rows.held(connection, besides=holder)
            slot_rows.take(connection, holder, owner, waiting=not free)
            return free

    def hold(self, holder: str, task_id: str) -> None:
        """Let a slot be held by a task from now on."""
        with self.transaction() as connection:
            query = "UPDATE journey.slots SET task_id = :task, seen = clock_timestamp() WHERE holder = :holder"
            connection.execute(text(query), {"task": task_id, "holder": holder})

    def free(self, holder: str) -> None:
        """Let a slot be free again."""
        with self.transaction() as connection:
            slot_rows.free(connection, holder)

    def beat(self, owner: str) -> None:
        """Show that the one who holds slots for single calls is alive."""
        with self.transaction() as connection:
            query = "UPDATE journey.slots SET seen = clock_timestamp() WHERE owner = :owner AND run IS NULL"
            connection.execute(text(query), {"owner": owner})

    def limit(self) -> int | None:
        """Tell how many tasks of the account may run at once, as far as is known."""
        with self.transaction() as connection:
            belief, now = beliefs.read(connection)
            return belief.limit(now)

    def told(self, slots: int | None) -> None:
        """Take in how many slots the plan has."""
        with self.transaction() as connection:
            belief, now = beliefs.locked(connection)
            beliefs.write(connection, belief.told([slots], now=now))

    def refused(self, *, first: float, longest: float) -> None:
        """Take in that the service answered 429 to a request, whose slot is still taken."""
        with self.transaction() as connection:
            belief, now = beliefs.locked(connection)
            busy = max(0, slot_rows.held(connection) - 1)
            beliefs.write(connection, belief.refused(busy=busy, now=now, first=first, longest=longest))

    def accepted(self) -> None:
        """Take in that a request was accepted, which may prove that there are more slots than was believed."""
        with self.transaction() as connection:
            if beliefs.read(connection)[0].level is None:
                return
            belief, now = beliefs.locked(connection)
            beliefs.write(connection, belief.accepted(busy=slot_rows.held(connection), now=now))

    def dead(self) -> dict[str, int]:
        """Give how many slots are held by the nodes of workers that are gone, by their names."""
        query = """
            SELECT owner, count(*) AS slots FROM journey.slots
            WHERE run IS NOT NULL AND NOT EXISTS (
                SELECT 1 FROM pg_locks
                WHERE locktype = 'advisory' AND granted AND objsubid = 1
                AND ((classid::bigint << 32) | objid::bigint) = hashtextextended('journey worker ' || owner, 0)
            )
            GROUP BY owner
        """
        with self.transaction() as connection:
            return {row.owner: row.slots for row in connection.execute(text(query))}

    def holders(self) -> list[dict[str, Any]]:
        """Give who holds slots or waits for one."""
        query = "SELECT holder, run, owner, task_id, waiting FROM journey.slots ORDER BY seen"
        with self.transaction() as connection:
            return [dict(row) for row in connection.execute(text(query)).mappings()]
