"""Secrets go through the life of a cluster; then all that PostgreSQL keeps, and all that was said, is searched."""

from __future__ import annotations

import traceback
from functools import partial
from typing import TYPE_CHECKING, Any

import anyio
import psycopg
from aiohttp import web
from anyio import to_thread
from psycopg import sql

from journey_async import Adopt, Cluster, JourneyClient, TaskGraph, WebhookReceiver, read_journal
from journey_async.gallery import write_gallery
from journey_async.sandbox import Sandbox
from tests.cluster import functions
from tests.cluster.conftest import PATIENT, PREPARED, QUICK, fresh
from tests.gallery.runs import ONCE
from tests.security.canaries import ALL, API_KEY, WEBHOOK_SECRET, found
from tests.webhooks.test_aiohttp import listening

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from tests.cluster.postgres import Postgres

PASSWORD = "pwCANARYcluster4d"
FAULTS = ("lost-reply:imagine:1", "http-429:imagine:1", "http-500:imagine:1", "task-failed:upscale-1x:1")
TABLES = "SELECT schemaname, tablename FROM pg_tables WHERE schemaname IN ('journey', 'dbos')"


def drawn() -> TaskGraph:
    graph = TaskGraph()
    for number in range(4):
        graph.upscale_1x(graph.imagine(f"elk {number}"), index=functions.third if number else functions.raises)
    return graph


async def lived(cluster: Cluster, box: Sandbox, hooks: WebhookReceiver) -> list[str]:
    """Run with webhooks, faults and functions of the user's, and settle what is in doubt; gives what was shown."""
    given: dict[str, Any] = {"base_url": box.base_url, "proxy": "", "pace": QUICK, "retry": PATIENT}
    shown: list[str] = []
    async with (
        JourneyClient(API_KEY, cluster=cluster, webhooks=hooks, **given) as worker,
        JourneyClient(API_KEY, **given) as journey,
        anyio.create_task_group() as group,
    ):
        await group.start(partial(worker.work, name="alpha", code=[functions.__name__]))
        await (await worker.imagine("a single call"))
        box.set_faults(FAULTS)
        async with journey.running(drawn(), journal=cluster) as run:
            async for event in run:
                shown += [repr(event), str(event)]
        for row in (await read_journal(cluster)).in_doubt:
            await journey.settle(cluster, row.node.key, Adopt((await journey.imagine("adopted")).id))
        outcome = await journey.resume(cluster)
        shown += [repr(value) for value in (worker, cluster, outcome, *outcome)]
        errors = [row.error for row in outcome.failed] + [row.error for row in outcome.in_doubt]
        shown += ["".join(traceback.format_exception(error)) for error in errors]
        group.cancel_scope.cancel()
    return shown


def kept(server: Postgres, url: str, *more: Path) -> dict[str, bytes]:
    """Give all rows as text, for what is large is packed on the disk, and all files of the server with its log."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CHECKPOINT")
        tables = connection.execute(TABLES).fetchall()
        rows: dict[str, bytes] = {}
        for names in tables:
            query = sql.SQL("SELECT t::text FROM {} AS t").format(sql.Identifier(*names))
            rows[".".join(names)] = "\n".join(row[0] for row in connection.execute(query)).encode()
    files = [*server.files(), *(file for folder in more for file in folder.rglob("*") if file.is_file())]
    return rows | {str(file): file.read_bytes() for file in files}


async def test_a_cluster_keeps_no_secret(
    prepared: Postgres, tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level("DEBUG")
    url = (await to_thread.run_sync(fresh, prepared, PREPARED)).replace("journey@", f"journey:{PASSWORD}@")
    cluster = Cluster(url, run="canaries")
    app, holder = web.Application(), list[WebhookReceiver]()

    async def hook(request: web.Request) -> web.StreamResponse:
        return await holder[0].aiohttp_handler(request)

    app.router.add_post("/journey", hook)
    async with listening(app) as public, Sandbox(api_key=API_KEY, task_seconds=0.1) as box:
        holder.append(WebhookReceiver(secret=WEBHOOK_SECRET, public_url=f"{public}/journey", reveal_within=0.1))
        shown = await lived(cluster, box, holder[0])
        assert box.ledger()["requests"]["/imagine"] > 5
    await write_gallery(cluster, tmp_path, downloader=ONCE)

    places = await to_thread.run_sync(kept, prepared, url, tmp_path)
    assert b"elk 3" in places["journey.records"]
    for part in ("pg_wal", "index.html"):
        assert any(b"elk 3" in data for place, data in places.items() if part in place)
    secrets = (*ALL, PASSWORD)
    assert [place for place, data in places.items() if found(data, *secrets)] == []
    captured = capfd.readouterr()
    assert not found("\n".join([*shown, caplog.text, captured.out, captured.err]), *secrets)
