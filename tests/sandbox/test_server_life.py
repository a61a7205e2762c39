"""The sandbox as a block: its options, its beginning and its end."""

from __future__ import annotations

import subprocess
import sys
import time

import anyio
import pytest
from aiohttp import ClientError, ClientSession

from journey_async.errors import ConfigurationError
from journey_async.sandbox import API_KEY, Sandbox
from tests.sandbox.visiting import Visitor, until, visiting


async def test_the_base_url_is_on_this_machine_and_the_key_is_known() -> None:
    async with Sandbox() as box:
        assert box.base_url.startswith("http://127.0.0.1:")
        assert box.base_url.endswith("/api/v1")
        assert box.api_key == API_KEY == "japi_sandbox_key"
    with pytest.raises(RuntimeError, match="before its `async with` block"):
        _ = Sandbox().base_url


async def test_an_exception_of_the_callers_block_comes_out_as_itself() -> None:
    with pytest.raises(KeyError, match="mine"):
        async with Sandbox():
            raise KeyError("mine")


async def test_a_deadline_around_the_block_ends_it() -> None:
    with anyio.move_on_after(0.02) as scope:
        async with Sandbox():
            await anyio.sleep_forever()
    assert scope.cancelled_caught


@pytest.mark.parametrize("wish", ["[sandbox:stuck]", "[sandbox:seconds=9000]"])
async def test_leaving_the_block_ends_replies_that_are_held(wish: str) -> None:
    left: list[float] = []

    async def ask(visitor: Visitor) -> None:
        with pytest.raises(ClientError):
            await visitor.post("imagine", prompt=f"elk {wish}", model="z-image")

    async with anyio.create_task_group() as group, visiting() as visitor:
        group.start_soon(ask, visitor)
        await until(lambda: visitor.box.ledger()["accepted"] == 1)
        left.append(time.monotonic())
    assert time.monotonic() - left[0] < 0.5


async def test_a_client_that_leaves_while_its_reply_is_held_changes_nothing() -> None:
    async with visiting(task_seconds=0.03) as visitor:
        with anyio.move_on_after(0.01):
            await visitor.post("imagine", prompt="elk", model="z-image")
        assert visitor.box.ledger()["accepted"] == 1
        await anyio.sleep(0.03)
        assert visitor.box.ledger()["in_flight"] == 0
        assert (await visitor.post("imagine", prompt="elk"))[0] == 200


async def test_a_client_that_leaves_in_the_middle_of_a_body_changes_nothing() -> None:
    async with visiting() as visitor:
        port = int(visitor.root.rpartition(":")[2])
        async with await anyio.connect_tcp("127.0.0.1", port) as stream:
            await stream.send(b"POST /api/v1/imagine HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
        await anyio.sleep(0.01)
        assert visitor.box.ledger()["accepted"] == 0
        assert (await visitor.send("GET", "/api/v1/account"))[0] == 200


def test_all_that_is_wrong_with_the_options_is_told_at_once() -> None:
    with pytest.raises(ConfigurationError) as caught:
        Sandbox(
            plan="gold",
            credits=-1,
            speed=0,
            api_key="Bearer x",
            seed=1.5,  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
            task_seconds=-1,
            slots=0,
            faults=["stuck:fetch", "nonsense"],
            host=" ",
            port=65536,
        )
    told = str(caught.value)
    assert "plan='gold': must be one of basic, starter, growth, enterprise" in told
    assert "api_key=…: must be" in told
    for part in (
        "credits=-1",
        "speed=0",
        "seed=1.5",
        "task_seconds=-1",
        "slots=0",
        "host=' '",
        "port=65536",
        "nonsense",
    ):
        assert part in told


async def test_a_port_in_use_is_told() -> None:
    async with Sandbox() as box:
        port = int(box.base_url.split(":")[2].partition("/")[0])
        with pytest.raises(ConfigurationError, match=f"host='127.0.0.1', port={port}: cannot listen there"):
            async with Sandbox(port=port):
                pass


async def test_a_sandbox_goes_on_where_it_stood_when_it_is_opened_again() -> None:
    box = Sandbox(task_seconds=0.02)
    async with box, ClientSession(headers={"Authorization": box.api_key}) as session:
        _, said = await Visitor(box, session).post("imagine", prompt="elk")
    assert box.ledger()["in_flight"] == 1
    await anyio.sleep(0.03)
    assert box.ledger()["in_flight"] == 1
    async with box, ClientSession(headers={"Authorization": box.api_key}) as session:
        assert (await Visitor(box, session).finished(said["task_id"]))["status"] == "finished"


async def test_two_sandboxes_live_side_by_side() -> None:
    async with Sandbox(api_key="one") as one, Sandbox(api_key="two") as two:
        assert one.base_url != two.base_url


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("import sys, journey_async; print(any('sandbox' in name or 'PIL' in name for name in sys.modules))", "False"),
        (
            (
                "import sys; sys.modules['PIL'] = None\n"
                "try: import journey_async.sandbox\nexcept ImportError as no: print(no)"
            ),
            "the sandbox draws with Pillow: pip install 'journey-async[sandbox]'",
        ),
    ],
)
def test_the_package_does_not_import_its_sandbox_which_needs_pillow(code: str, expected: str) -> None:
    run = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)  # noqa: S603
    assert run.stdout.strip() == expected
