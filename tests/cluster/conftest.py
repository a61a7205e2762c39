"""Each test has a database of its own, a service of its own, and a worker in its own process."""

from __future__ import annotations

from contextlib import asynccontextmanager
from functools import partial
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

import anyio
import psycopg
import pytest
from anyio import to_thread

from journey_async import Cluster, JourneyClient, Pace, RetryPolicy
from journey_async.cluster.database import Database
from journey_async.sandbox import Sandbox
from tests.cluster import postgres

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Generator

    from journey_async.cluster.store import Store
    from journey_async.sandbox import Ledger
    from tests.cluster.postgres import Postgres

# Before blocking calls are watched for, of which loading makes some.
import_module("journey_async.cluster.working")

P = ParamSpec("P")
T = TypeVar("T")
KEY = "japi_key_of_a_cluster"
QUICK = Pace(lag=0.05, longest=0.2, ahead=0.02)
PATIENT = RetryPolicy(first=0.01, longest=0.1, patience=5.0, rate_limit_patience=5.0)
PREPARED = "prepared"


@pytest.fixture(scope="session")
def postgres_server() -> Generator[Postgres]:
    """Run one server for all tests of a process."""
    if postgres.programs() is None:
        pytest.skip(postgres.MISSING)
    # Not one of pytest's folders: other runs of pytest clear those away.
    with (
        TemporaryDirectory(prefix="journey-", ignore_cleanup_errors=True) as folder,
        postgres.running(Path(folder)) as server,
    ):
        yield server


@pytest.fixture(scope="session")
def prepared(postgres_server: Postgres) -> Postgres:
    """Prepare one database, of which each test gets a copy."""

    async def prepare() -> None:
        async with Database(Cluster(postgres_server.url(PREPARED)), patient=False) as database:
            await database.prepare()
            await database.check()

    anyio.run(prepare)
    return postgres_server


def fresh(server: Postgres, template: str) -> str:
    """Give the address of a new database, which is a copy of another."""
    name = "test"
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)".encode())
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())
    return server.url(name)


class Place:
    """A cluster, and the service that it uses."""

    def __init__(self, server: Postgres, cluster: Cluster, sandbox: Sandbox) -> None:
        self.server = server
        self.cluster = cluster
        self.sandbox = sandbox

    def run(self, name: str, **options: Any) -> Cluster:
        return Cluster(self.cluster.url, run=name, **options)

    def client(self, **options: Any) -> JourneyClient:
        """Give a client that knows of no cluster."""
        given: dict[str, Any] = {"base_url": self.sandbox.base_url, "pace": QUICK, "retry": PATIENT, **options}
        return JourneyClient(KEY, **given)

    def member(self, **options: Any) -> JourneyClient:
        """Give a client that belongs to the cluster."""
        return self.client(cluster=self.cluster, **options)

    async def until(self, happened: Callable[[], Awaitable[object]]) -> None:
        """Wait until something has happened."""
        while not await happened():  # noqa: ASYNC110 - elsewhere, so that there is no event
            await anyio.sleep(0.02)

    @asynccontextmanager
    async def working(
        self, name: str = "w1", *, client: dict[str, Any] | None = None, **options: Any
    ) -> AsyncGenerator[None]:
        """Have a worker carry nodes while the block lasts. There is one in a process at a time."""
        async with self.member(**(client or {})) as journey, anyio.create_task_group() as group:
            await group.start(partial(journey.work, name=name, **options))
            yield
            group.cancel_scope.cancel()

    def ledger(self) -> Ledger:
        return self.sandbox.ledger()

    def accepted(self, action: str) -> int:
        return sum(charge["action"] == action for charge in self.ledger()["charges"])

    async def store(self, do: Callable[Concatenate[Store, P], T], *arguments: P.args, **named: P.kwargs) -> T:
        """Have a method of the store done."""
        async with Database(self.cluster, patient=False) as database:
            return await database.call(do, *arguments, **named)

    async def change(self, statement: str) -> None:
        """Change something in the database."""

        def changed() -> None:
            with psycopg.connect(self.cluster.url) as connection:
                connection.execute(statement.encode())

        await to_thread.run_sync(changed)

    async def ask(self, query: str) -> list[tuple[Any, ...]]:
        """Look into the database."""

        def asked() -> list[tuple[Any, ...]]:
            with psycopg.connect(self.cluster.url) as connection:
                return connection.execute(query.encode()).fetchall()

        return await to_thread.run_sync(asked)


@pytest.fixture
async def place(prepared: Postgres, request: pytest.FixtureRequest) -> AsyncGenerator[Place]:
    """Give a fresh cluster beside a fresh sandbox; the marker `journey_sandbox` takes the options of the latter."""
    mark = request.node.get_closest_marker("journey_sandbox")
    options: dict[str, Any] = {"task_seconds": 0.2, **({} if mark is None else mark.kwargs)}
    url = await to_thread.run_sync(fresh, prepared, PREPARED)
    async with Sandbox(api_key=KEY, **options) as sandbox:
        yield Place(prepared, Cluster(url), sandbox)
