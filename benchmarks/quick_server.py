"""A service that costs next to nothing, in a process of its own: what is measured against it is the client.

It keeps no state: the id of a task holds when it began and how long it takes, on the monotonic clock that all processes
of a machine share. `POST /imagine` gives an id, `/fetch-many` and `/fetch` tell how tasks are doing, `GET /counts` how
many requests came and what CPU they took. A model other than Midjourney is finished in the reply.
"""

from __future__ import annotations

import asyncio
import json
import random
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, cast

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Generator

PREFIX: Final = "/api/v1"
KEY: Final = "japi_benchmark_key"
_ENDS: Final = b"\r\n\r\n"
_PICTURE: Final = "https://media.example/pictures/0123456789abcdef0123456789abcdef/{}.png"


def task_id(starts: float, seconds: float, number: int) -> str:
    """Name a task."""
    return f"{starts:.4f}_{seconds:.4f}_{number}"


def ends(name: str) -> float:
    """Tell when a task ends."""
    starts, seconds, _ = name.split("_")
    return float(starts) + float(seconds)


def state(name: str, now: float) -> dict[str, object]:
    """Tell how a task is doing: its percentage rises evenly in steps of 5 after a tenth of its life."""
    starts, seconds, _ = name.split("_")
    part = (now - float(starts)) / float(seconds)
    told: dict[str, object] = {"task_id": name, "task_type": "imagine", "model": "midjourney"}
    if part >= 1:
        four = [_PICTURE.format(place) for place in range(4)]
        return told | {"status": "finished", "percentage": "100", "original_image_url": four[0], "image_urls": four}
    done = max(0, min(99, 5 * int((part - 0.1) / 0.9 * 20)))
    return told | {"status": "processing", "percentage": str(done)}


class Service(asyncio.Protocol):
    """One connection."""

    seconds = (30.0, 40.0)
    requests = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self.transport = cast("asyncio.Transport", transport)
        self.received = b""

    def data_received(self, data: bytes) -> None:
        """Answer every request that is whole."""
        self.received += data
        while (end := self.received.find(_ENDS)) >= 0:
            head = self.received[:end]
            at = head.lower().find(b"content-length:")
            length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
            if len(self.received) < end + 4 + length:
                return
            body, self.received = self.received[end + 4 : end + 4 + length], self.received[end + 4 + length :]
            Service.requests += 1
            answer = json.dumps(self.answer(head.split(b" ", 2)[1].decode(), json.loads(body or b"{}"))).encode()
            self.transport.write(
                b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
                % (len(answer), answer)
            )

    def answer(self, path: str, asked: dict[str, Any]) -> object:
        """Be the service."""
        now = time.monotonic()
        told: object = {}
        match path.removeprefix(PREFIX):
            case "/fetch-many":
                told = {"tasks": [state(name, now) for name in asked["task_ids"]]}
            case "/fetch":
                told = state(asked["task_id"], now)
            case "/counts":
                told = {"requests": Service.requests, "cpu": time.process_time()}
            case "/account":
                told = {"email": "quick@example.com", "credits": 10**9, "total_images": 0, "plan": "enterprise"}
            case "/seconds":
                Service.seconds = (asked["least"], asked["most"])
            case _:
                name = task_id(now, random.uniform(*Service.seconds), Service.requests)
                told = {"task_id": name}
                if asked.get("model", "midjourney") != "midjourney":
                    told = told | {"status": "finished", "image_url": _PICTURE.format(0)}
        return told


@frozen
class Running:
    """A server that runs."""

    base_url: str


@contextmanager
def serving() -> Generator[Running]:
    """Run it in a process of its own for as long as the block lasts."""
    with subprocess.Popen([sys.executable, __file__], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield Running(f"http://127.0.0.1:{int(process.stdout.readline())}{PREFIX}")
        finally:
            process.terminate()


async def _main() -> None:
    server = await asyncio.get_running_loop().create_server(Service, "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_main())
