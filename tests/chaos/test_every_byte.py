"""A reply that ends at any byte, by FIN or by RST: of a submission, and of a question about a task."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

import anyio
import anyio.abc
import pytest
from anyio.abc import SocketAttribute
from attrs import define, field

from journey_async import (
    Finished,
    ImagineGrid,
    ReplyLostError,
    RetryPolicy,
    SubmissionInDoubtError,
    UnreadableReplyError,
)
from tests.chaos.clients import client
from tests.chaos.proxy import ENDS, next_request, reset

if TYPE_CHECKING:
    from anyio.abc import SocketStream

TASK: Final = "550e8400-e29b-41d4-a716-446655440000"
ONCE: Final = RetryPolicy(first=0.001, longest=0.002, patience=0.0, rate_limit_patience=0.0)
AGAIN: Final = RetryPolicy(first=0.001, longest=0.002, patience=5.0)
TOGETHER: Final = 8
"""Positions that are tried at the same time, each with a server and a client of its own."""


def reply(value: object) -> bytes:
    body = json.dumps(value).encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


SUBMITTED: Final = reply({"task_id": TASK})
SHEET: Final = "https://x.example/s.png"
TILES: Final = tuple(f"https://x.example/{number}.png" for number in range(4))
FETCHED: Final = reply(
    {
        "task_id": TASK,
        "task_type": "imagine",
        "status": "finished",
        "percentage": "100",
        "original_image_url": SHEET,
        "image_urls": list(TILES),
    }
)
WHOLE: Final = Finished(result=ImagineGrid(task_id=TASK, image_urls=TILES, original_image_url=SHEET))


@define(eq=False)
class Cutter:
    """A server that cuts its first replies after so many bytes, and gives the later ones whole."""

    whole: bytes
    at: int
    how: str
    cuts: int
    requests: list[bytes] = field(factory=list[bytes])

    async def serve(self, *, task_status: anyio.abc.TaskStatus[int]) -> None:
        async with await anyio.create_tcp_listener(local_host="127.0.0.1") as listener:
            task_status.started(listener.extra(SocketAttribute.local_port))
            await listener.serve(self._connected)

    async def _connected(self, stream: SocketStream) -> None:
        received = bytearray()
        async with stream:
            try:
                while request := await next_request(stream, received):
                    self.requests.append(request)
                    if len(self.requests) > self.cuts:
                        await stream.send(self.whole)
                        continue
                    if self.at:
                        await stream.send(self.whole[: self.at])
                    if self.how == "RST":
                        reset(stream)
                    return
            except ENDS:
                return


async def asked(at: int, how: str, *, whole: bytes, cuts: int, retry: RetryPolicy) -> tuple[object, int]:
    """Submit or fetch once; give what came of it, and how many requests the server saw."""
    server = Cutter(whole, at, how, cuts)
    came: object = None
    async with anyio.create_task_group() as group:
        port = await group.start(server.serve)
        with anyio.fail_after(20):
            # Every reply ends, one way or another: none is to be taken for silence where a machine is slow.
            async with client(f"http://127.0.0.1:{port}/api/v1", "japi_key", retry=retry, silence=20.0) as journey:
                try:
                    if whole is SUBMITTED:
                        came = (await journey.imagine("an elk")).id
                    else:
                        came = (await journey.fetch(TASK)).state
                except (SubmissionInDoubtError, ReplyLostError, UnreadableReplyError) as error:
                    came = error
        group.cancel_scope.cancel()
    return came, len(server.requests)


async def everywhere(
    how: str, *, whole: bytes, cuts: int, retry: RetryPolicy, step: int = 1
) -> dict[int, tuple[object, int]]:
    """Try every position, from nothing to the whole reply, or each of a *step*."""
    came: dict[int, tuple[object, int]] = {}
    slots = anyio.CapacityLimiter(TOGETHER)

    async def one(at: int) -> None:
        async with slots:
            came[at] = await asked(at, how, whole=whole, cuts=cuts, retry=retry)

    async with anyio.create_task_group() as group:
        for at in range(0, len(whole) + 1, step):
            group.start_soon(one, at)
    return came


FIN_AND_RST = pytest.mark.parametrize("how", ["FIN", "RST"])


@FIN_AND_RST
async def test_a_submission_whose_reply_is_cut_at_any_byte_is_in_doubt_and_sent_once(how: str) -> None:
    """Only the whole reply names the task; a RST may take away what had come."""
    for at, (came, requests) in (await everywhere(how, whole=SUBMITTED, cuts=1, retry=AGAIN)).items():
        assert requests == 1, f"sent {requests} times, cut by {how} after {at} bytes"
        if at < len(SUBMITTED):
            assert isinstance(came, SubmissionInDoubtError), f"{came!r}, cut by {how} after {at} bytes"
        else:
            assert came == TASK or (how == "RST" and isinstance(came, SubmissionInDoubtError))


@FIN_AND_RST
async def test_a_question_whose_reply_is_cut_at_any_byte_is_asked_again(how: str) -> None:
    """And then answered: the state is that of the whole reply."""
    for at, (came, requests) in (await everywhere(how, whole=FETCHED, cuts=1, retry=AGAIN)).items():
        assert came == WHOLE, f"{came!r}, cut by {how} after {at} bytes"
        if at < len(FETCHED) or how == "FIN":
            assert requests == (2 if at < len(FETCHED) else 1), f"{requests} requests, cut by {how} after {at} bytes"


@FIN_AND_RST
async def test_a_question_without_patience_gives_the_error_of_the_tree(how: str) -> None:
    """No state is made out of a part of a reply."""
    for at, (came, requests) in (await everywhere(how, whole=FETCHED, cuts=1, retry=ONCE, step=4)).items():
        assert requests == 1
        if at < len(FETCHED):
            assert isinstance(came, ReplyLostError), f"{came!r}, cut by {how} after {at} bytes"
