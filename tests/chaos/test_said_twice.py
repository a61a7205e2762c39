"""A reply that nobody asked for, on a connection that is kept: it is not read as the next one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import anyio
from anyio.abc import SocketAttribute

from tests.chaos.clients import client
from tests.chaos.proxy import ENDS, next_request
from tests.chaos.test_every_byte import reply

if TYPE_CHECKING:
    from anyio.abc import SocketStream


async def test_a_reply_that_is_said_twice_is_not_the_reply_to_the_next_submission() -> None:
    async def serve(stream: SocketStream) -> None:
        received = bytearray()
        async with stream:
            try:
                while request := await next_request(stream, received):
                    said = reply({"task_id": json.loads(request.partition(b"\r\n\r\n")[2])["prompt"]})
                    await stream.send(said)
                    # By now the client has put the connection back.
                    await anyio.sleep(0.01)
                    await stream.send(said)
            except ENDS:
                return

    ids: list[str] = []
    async with (
        await anyio.create_tcp_listener(local_host="127.0.0.1") as listener,
        anyio.create_task_group() as group,
    ):
        group.start_soon(listener.serve, serve)
        port = listener.extra(SocketAttribute.local_port)
        async with client(f"http://127.0.0.1:{port}/api/v1", "japi_key") as journey:
            for prompt in ("a", "b", "c", "d"):
                ids.append((await journey.imagine(prompt)).id)
                await anyio.sleep(0.03)
        group.cancel_scope.cancel()
    assert ids == ["a", "b", "c", "d"]
