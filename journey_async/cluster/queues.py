"""The durable engine, DBOS Transact: which jobs there are, and how they are put into its queues."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from attrs import evolve, frozen
from dbos import DBOS, DBOSClient, DBOSPortableJSONSerializer, EnqueueOptions
from sqlalchemy import URL, make_url, text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import Connection, Engine

    from journey_async.cluster.address import Cluster

APPLICATION: Final = "journey"
VERSION: Final = "journey-1"
"""What jobs and workers must agree on; it changes when a job of an earlier version of this package cannot be done."""
TASKS: Final = "journey-tasks"
"""The queue of nodes that are to be sent: as many at once as the account has slots."""
AGAIN: Final = "journey-again"
"""The queue of jobs that a worker had begun when it stopped or died: they are followed at once."""
CODE: Final = "journey-code"
"""The queue of the user's functions, which hold no slot."""
ASIDE: Final = "journey-aside"
"""Where the jobs of paused runs are kept; nobody takes any from there."""
CODE_AT_ONCE: Final = 8
"""Functions of the user's that one worker runs at once."""
POLL: Final = 0.1
"""Seconds between two looks for nodes that are to be sent, per worker: for so long a slot may be idle."""
POLL_OTHERS: Final = 0.5
"""The same for the other queues."""
OPEN: Final = ("ENQUEUED", "PENDING", "DELAYED")
"""The states of jobs that are still to be done."""

Kind: TypeAlias = Literal["carry", "choose", "after"]
"""Of a job: send a node and follow its task; choose its index; do what comes after its end."""
KINDS: Final[tuple[Kind, ...]] = ("carry", "choose", "after")


@frozen
class Job:
    """Something that is to be done for a node, once: with the same id it is not done again."""

    kind: Kind
    run: str
    number: int
    priority: int = 1
    turn: int = 0
    """Counts the jobs of one kind for one node; another one than the first is only for who goes on with a run."""

    @property
    def id(self) -> str:
        """Its name in the engine."""
        return f"{self.kind}:{self.run}:{self.number}:{self.turn}"


def engine_url(cluster: Cluster) -> URL:
    """Give the address for the engine: it logs addresses, and masks the password where it stands before the host."""
    url = make_url(cluster.url).set(drivername="postgresql+psycopg")
    password = url.query.get("password")
    if password is None:
        return url
    return url.difference_update_query(["password"]).set(
        password=password if isinstance(password, str) else password[-1]
    )


def again(jobs: Iterable[Job], newest: Mapping[tuple[str, int], tuple[int, str]]) -> list[Job]:
    """Give those of *jobs* that nobody does yet, as new ones where earlier ones have ended."""
    made: list[Job] = []
    for job in jobs:
        turn, status = newest.get((job.kind, job.number), (-1, "ERROR"))
        done = status == "SUCCESS" and job.kind == "after"
        if status not in OPEN and not done:
            made.append(evolve(job, turn=turn + 1))
    return made


class Queues:
    """Puts jobs into the engine's queues, in the transaction of who decides that they are to be done."""

    def __init__(self, engine: Engine, url: URL) -> None:
        self._url = url
        self._client = DBOSClient(
            system_database_engine=engine,
            serializer=DBOSPortableJSONSerializer(),
            application_name=APPLICATION,
            lazy=True,
            retry_connection_errors=False,
        )

    def close(self) -> None:
        """Let go of the engine."""
        self._client.destroy()

    def wrong_with(self, connection: Connection) -> str | None:
        """Say in one line what is wrong with the tables of the engine; None if nothing is."""
        if connection.execute(text("SELECT to_regclass('dbos.workflow_status')")).scalar() is None:
            return "its queues are not prepared: run `journey cluster init` with its address"
        return None

    def prepare(self) -> None:
        """Make the tables of the engine that are not there."""
        DBOS.migrate(self._url.render_as_string(hide_password=False))
        self._client.register_queue(TASKS, global_concurrency=1, polling_interval_sec=POLL, on_conflict="never_update")
        self._client.register_queue(AGAIN, polling_interval_sec=POLL_OTHERS, on_conflict="never_update")
        self._client.register_queue(
            CODE, worker_concurrency=CODE_AT_ONCE, polling_interval_sec=POLL_OTHERS, on_conflict="never_update"
        )

    def allow(self, slots: int | None) -> None:
        """Let so many nodes be carried at once, on all machines together."""
        self._client.register_queue(
            TASKS, global_concurrency=slots, polling_interval_sec=POLL, on_conflict="always_update"
        )

    def put(self, connection: Connection, jobs: Iterable[Job]) -> None:
        """Have *jobs* done once the transaction is committed; those that were put before are not done again."""
        for job in jobs:
            options: EnqueueOptions = {
                "workflow_name": job.kind,
                "queue_name": TASKS if job.kind == "carry" else CODE,
                "workflow_id": job.id,
                "app_version": VERSION,
                "priority": job.priority,
            }
            self._client.enqueue_in_transaction(connection, options, job.run, job.number)

    def newest(self, run: str, number: int | None = None) -> dict[tuple[str, int], tuple[int, str]]:
        """Give the turn and the status of the newest job of each kind and node, for a run or for one node of it."""
        prefixes = [f"{kind}:{run}:" + ("" if number is None else f"{number}:") for kind in KINDS]
        found: dict[tuple[str, int], tuple[int, str]] = {}
        statuses = self._client.list_workflows(workflow_id_prefix=prefixes, load_input=False, load_output=False)
        for status in statuses:
            kind, _, at, turn = status.workflow_id.split(":")
            newest = int(turn), status.status
            found[kind, int(at)] = max(newest, found.get((kind, int(at)), newest))
        return found

    def afterwards(self, run: str) -> tuple[int, int]:
        """Tell how many of a run's functions after the ends of nodes are still to be called, and how many raised."""
        newest = [status for (kind, _), (_, status) in self.newest(run).items() if kind == "after"]
        return sum(status in OPEN for status in newest), newest.count("ERROR")

    def put_aside(self, ids: Sequence[str]) -> None:
        """Keep jobs where nobody takes them."""
        self._client.resume_workflows(list(ids), queue_name=ASIDE)

    def put_back(self, ids: Sequence[str]) -> None:
        """Let jobs that were put aside be done."""
        if ids:
            self._client.resume_workflows(list(ids), queue_name=TASKS)

    def aside(self, run: str) -> list[str]:
        """Give the jobs of a run that were put aside."""
        found = self._client.list_workflows(
            workflow_id_prefix=f"carry:{run}:", queue_name=ASIDE, status="ENQUEUED", load_input=False, load_output=False
        )
        return [status.workflow_id for status in found]

    def take_over(self, names: Sequence[str]) -> int:
        """Put what workers of these names had begun into the queue of what is followed at once; gives how many.

        They must be dead, or have stopped: what two do at once would be in doubt.
        """
        found = self._client.list_workflows(
            status="PENDING", executor_id=list(names), load_input=False, load_output=False
        )
        ids = [status.workflow_id for status in found]
        if ids:
            self._client.resume_workflows(ids, queue_name=AGAIN)
        return len(ids)
