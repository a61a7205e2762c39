"""examples/service.py: behind a real web server, told by real webhooks."""

from __future__ import annotations

import socket
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import anyio
import httpx
import uvicorn

from examples import service
from journey_async import JourneyClient, Pace, WebhookReceiver
from journey_async.sandbox import Sandbox
from tests.client.scripted import ACCEPTED, FINISHED, Script, json_reply

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    import pytest

SECRET = "a-secret-of-24-letters.."
UNHURRIED = Pace(lag=0.01, quiet=30)
"""Without a webhook an end would be noticed after half a minute."""


@asynccontextmanager
async def serving(box: Sandbox) -> AsyncGenerator[httpx.AsyncClient]:
    """Run the service as uvicorn does, until its shutdown is over."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        receiver = WebhookReceiver(secret=SECRET, public_url=f"{url}/journey/", reveal_within=0.05)
        journey = JourneyClient(box.api_key, base_url=box.base_url, webhooks=receiver, pace=UNHURRIED)
        app = service.make_app(journey, receiver)
        server = uvicorn.Server(uvicorn.Config(app, ws="none", log_config=None))
        async with anyio.create_task_group() as group:
            group.start_soon(lambda: server.serve(sockets=[listening]))
            async with httpx.AsyncClient(base_url=url, trust_env=False) as caller:
                yield caller
            server.should_exit = True


async def ended(caller: httpx.AsyncClient, task_id: str) -> dict[str, Any]:
    """Ask for the picture until it has ended."""
    with anyio.fail_after(20):
        while True:
            picture: dict[str, Any] = (await caller.get(f"/pictures/{task_id}")).json()
            if picture["status"] in {"finished", "failed"}:
                return picture
            await anyio.sleep(0.02)


async def submitted(caller: httpx.AsyncClient, prompt: str) -> str:
    answer = await caller.post("/pictures", json={"prompt": prompt})
    assert answer.status_code == 202
    return str(answer.json()["id"])


async def test_a_picture_is_submitted_and_its_end_told_by_a_webhook() -> None:
    """One free request confirms the delivery, and one is for who asks afterwards."""
    async with Sandbox(task_seconds=0.2) as box, serving(box) as caller:
        picture = await ended(caller, await submitted(caller, "an elk"))
        assert len(picture["urls"]) == 4
        requests = box.ledger()["requests"]
        assert requests["/imagine"] == 1
        assert requests["/fetch"] <= 2


async def test_a_failure_is_told(caplog: pytest.LogCaptureFixture) -> None:
    async with Sandbox(task_seconds=0.05) as box, serving(box) as caller:
        picture = await ended(caller, await submitted(caller, "[sandbox:fail=No.]"))
    assert (picture["status"], picture["error"]) == ("failed", "No.")


async def test_what_cannot_be_done_is_answered_with_its_status() -> None:
    """A blank prompt, an unknown id, a doubt, too few credits."""
    async with Sandbox(credits=7) as box, serving(box) as caller:

        async def answered(prompt: str) -> tuple[int, str]:
            answer = await caller.post("/pictures", json={"prompt": prompt})
            return answer.status_code, str(answer.json()["detail"])

        assert (await answered(" "))[0] == 422
        assert (await caller.get("/pictures/no-such-task")).status_code == 404
        box.set_faults(["http-500:imagine:1"])
        assert (await answered("an elk"))[0] == 502
        await submitted(caller, "an elk")
        status, why = await answered("another elk")
        assert (status, "redits" in why) == (503, True)


async def test_a_stranger_s_delivery_is_refused() -> None:
    async with Sandbox() as box, serving(box) as caller:
        answer = await caller.post("/journey/", json={"task_id": "t1"}, headers={"X-Webhook-Secret": "guessed"})
    assert answer.status_code == 401


async def test_after_a_restart_the_pictures_are_still_found(caplog: pytest.LogCaptureFixture) -> None:
    """What was under way when it stopped is in the log, and nothing was bought twice."""
    async with Sandbox(task_seconds=0.3) as box:
        async with serving(box) as caller:
            task_id = await submitted(caller, "an elk")
        left = [record.getMessage() for record in caplog.records if record.name == "service"]
        assert left == [f"still under way, GET /pictures/{task_id} finds it after the restart"]
        async with serving(box) as caller:
            assert len((await ended(caller, task_id))["urls"]) == 4
        assert box.ledger()["accepted"] == 1


async def test_what_was_bought_for_a_caller_who_hung_up_is_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    """Its request was cancelled while it was under way, and its reply came after."""
    script = Script(ACCEPTED, holding=True)
    studio = service.Studio(script.client())
    async with studio.open(), anyio.create_task_group() as callers:
        callers.start_soon(studio.imagine, "an elk")
        await script.arrived.wait()
        callers.cancel_scope.cancel()
        script.released.set()
    (orphan,) = studio.journey.orphans
    told = [record.getMessage() for record in caplog.records if record.name == "service"]
    assert told == [f"bought for a caller who had gone: {orphan}"]


async def test_two_who_ask_for_the_same_picture_at_once_disturb_nobody() -> None:
    """After a restart, when nobody follows it yet."""
    under_way = json_reply({"task_id": "t1", "task_type": "imagine", "status": "processing", "percentage": "7"})
    studio = service.Studio(Script(under_way, under_way, FINISHED).client())
    async with studio.open():
        async with anyio.create_task_group() as callers:
            callers.start_soon(studio.find, "t1")
            callers.start_soon(studio.find, "t1")
        with anyio.fail_after(20):
            while studio.tasks:  # noqa: ASYNC110 - a test looks from outside
                await anyio.sleep(0.005)
        assert (await studio.find("t1")).done


def test_the_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"JOURNEY_API_KEY": "k", "PUBLIC_URL": "https://x.example", "WEBHOOK_SECRET": SECRET}.items():
        monkeypatch.setenv(name, value)
    assert service.from_environment().title == "Pictures"
