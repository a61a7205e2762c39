"""The sandbox over a real socket: what it answers."""

from __future__ import annotations

import json
import time
from io import BytesIO

import anyio
import pytest
from aiohttp import ClientError, ClientTimeout

from journey_async.sandbox import Fault
from journey_async.sandbox.world import REQUEST_LIMIT
from tests.sandbox.asking import HEADERS, Caller
from tests.sandbox.visiting import visiting


async def test_a_task_is_submitted_polled_and_downloaded() -> None:
    async with visiting(task_seconds=0.02) as visitor:
        status, said = await visitor.post("imagine", prompt="a quiet harbour")
        assert (status, list(said)) == (200, ["task_id"])
        item = await visitor.finished(said["task_id"])
        assert item["image_urls"][3] == f"{visitor.root}/media/{said['task_id']}/0_3.png"
        assert visitor.box.world.media_url == f"{visitor.root}/media"
        async with visitor.session.get(item["original_image_url"]) as response:
            assert (await response.read()).startswith(b"\x89PNG\r\n\x1a\n")


async def test_real_durations_are_divided_by_the_speed() -> None:
    async with visiting(speed=2000) as visitor:
        started = time.monotonic()
        _, said = await visitor.post("imagine", prompt="elk")
        assert (await visitor.finished(said["task_id"]))["status"] == "finished"
        assert 0.005 < time.monotonic() - started < 2


async def test_a_synchronous_model_holds_the_request_for_its_duration() -> None:
    async with visiting(task_seconds=0.04) as visitor:
        started = time.monotonic()
        status, said = await visitor.post("imagine", prompt="elk", model="z-image")
        assert time.monotonic() - started >= 0.04
        assert (status, said["status"]) == (200, "finished")


@pytest.mark.parametrize(("fault", "accepted"), [("lost-reply", 1), ("reset-before-accept", 0)])
async def test_a_connection_is_cut(fault: str, accepted: int) -> None:
    async with visiting(faults=[f"{fault}:imagine:1"]) as visitor:
        with pytest.raises(ClientError):
            await visitor.post("imagine", prompt="elk")
        assert accepted == visitor.box.ledger()["accepted"]
        assert (await visitor.post("imagine", prompt="elk"))[0] == 200


async def test_a_truncated_reply_has_a_status_and_half_of_its_json() -> None:
    async with visiting(faults=["truncated-json:account:1"]) as visitor:
        async with visitor.session.get(f"{visitor.box.base_url}/account") as response:
            body = await response.read()
        assert (response.status, body[:10]) == (200, b'{"email": ')
        with pytest.raises(ValueError, match=r"Expecting|Unterminated"):
            json.loads(body)


async def test_a_bad_gateway_answers_html() -> None:
    async with (
        visiting(faults=["http-502:account"]) as visitor,
        visitor.session.get(f"{visitor.box.base_url}/account") as response,
    ):
        assert (response.status, response.content_type) == (502, "text/html")


async def test_the_ledger_can_be_asked_for_without_a_key_and_is_not_counted() -> None:
    async with visiting() as visitor:
        await visitor.post("imagine", prompt="elk")
        status, ledger = await visitor.send("GET", "/_sandbox/ledger", headers={"Authorization": ""})
        assert (200, ledger) == (status, visitor.box.ledger())
        assert ledger["requests"] == {"/imagine": 1}


async def test_faults_can_be_replaced_over_http() -> None:
    async with visiting(faults=["http-500"]) as visitor:
        faults = ["lost-reply:imagine:1", "stuck"]
        assert (200, {"faults": faults}) == await visitor.send("POST", "/_sandbox/faults", json={"faults": faults})
        assert faults == [str(fault) for fault in visitor.box.world.faults]
        status, said = await visitor.send("POST", "/_sandbox/faults", json={"faults": ["nonsense"]})
        assert (status, said["errors"][0]["msg"].startswith("fault 'nonsense': unknown, use one of")) == (400, True)
        for body in (b"", b"[]", b"{}", b'{"faults": "stuck"}', b'{"faults": [1]}'):
            status, said = await visitor.send("POST", "/_sandbox/faults", data=body)
            assert (status, said) == (400, {"errors": [{"msg": "faults must be an array of strings"}]})
        assert len(visitor.box.world.faults) == 2


async def test_faults_can_be_replaced_in_the_program() -> None:
    async with visiting() as visitor:
        visitor.box.set_faults(["http-500:imagine", Fault("stuck", count=1)])
        assert (await visitor.post("imagine", prompt="elk"))[0] == 500
        visitor.box.set_faults([])
        assert (await visitor.post("imagine", prompt="elk"))[0] == 200


@pytest.mark.parametrize(
    ("path", "status"), [("/", 404), ("/api/v1/nothing", 404), ("/media/x/0_0.png", 404), ("/api/v1/account", 405)]
)
async def test_other_paths_and_methods_answer_in_the_shape_of_errors(path: str, status: int) -> None:
    async with visiting() as visitor:
        method = "GET" if path.startswith("/media") else "DELETE"
        said = await visitor.send(method, path)
        assert (status, True) == (said[0], "errors" in said[1])


async def test_a_body_that_is_too_large_is_413() -> None:
    async with visiting() as visitor:
        said = await visitor.send("POST", "/api/v1/imagine", data=BytesIO(b" " * (REQUEST_LIMIT + 1)), headers=HEADERS)
        assert said[0] == 413


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "nonsense"])
async def test_a_body_in_a_broken_encoding_is_refused(encoding: str) -> None:
    async with visiting() as visitor:
        headers = {"Content-Encoding": encoding, "Content-Type": "application/json"}
        async with visitor.session.post(f"{visitor.box.base_url}/imagine", data=b"{}nonsense", headers=headers) as got:
            assert got.status == 400
        assert (await visitor.send("GET", "/api/v1/account"))[0] == 200


async def test_many_requests_at_once_never_exceed_the_plan() -> None:
    async with visiting(task_seconds=30) as visitor:
        statuses: list[int] = []

        async def ask() -> None:
            statuses.append((await visitor.post("imagine", prompt="elk"))[0])

        async with anyio.create_task_group() as group:
            for _ in range(40):
                group.start_soon(ask)
        assert (statuses.count(200), statuses.count(429)) == (10, 30)


async def test_the_world_and_the_server_answer_the_same() -> None:
    caller = Caller()
    async with visiting() as visitor:
        expected = caller.post("blend", image_urls=["x"], dimension="round", webhook_url=5)
        assert (expected.status, expected.json) == await visitor.post(
            "blend", image_urls=["x"], dimension="round", webhook_url=5
        )


async def test_a_slow_reply_outlives_a_short_patience() -> None:
    async with visiting(speed=1000, faults=["slow-reply:account:1"]) as visitor:
        with pytest.raises(TimeoutError):
            await visitor.send("GET", "/api/v1/account", timeout=ClientTimeout(total=0.03))
