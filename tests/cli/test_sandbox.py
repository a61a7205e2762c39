"""`journey sandbox`, as a process and in this one."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import socket
import sys
import threading
import time
from typing import TYPE_CHECKING
from urllib.request import urlopen

import anyio
import anyio.to_thread
import pytest

from journey_async.cli import main
from journey_async.cli import sandbox as command
from journey_async.cli.complaints import INTERRUPTED
from journey_async.sandbox import Sandbox
from tests.cli.processes import PATIENCE, ROOT, environment, ran, started

if TYPE_CHECKING:
    from collections.abc import Callable

FIRST_LINE = re.compile(r"JourneyAPI sandbox on (http://127\.0\.0\.1:([0-9]+)/api/v1)\n")
PROMPTLY = 3.0


@pytest.mark.parametrize(("number", "exit_code"), [(signal.SIGINT, INTERRUPTED), (signal.SIGTERM, 0)])
def test_a_signal_ends_it_promptly_with_connections_open(number: signal.Signals, exit_code: int) -> None:
    """The first line tells where it is; a signal ends it at once, whoever is connected, and without a word."""
    with started("sandbox", "--port", "0") as process:
        assert process.stdout is not None
        match = FIRST_LINE.fullmatch(process.stdout.readline())
        assert match is not None
        with socket.create_connection(("127.0.0.1", int(match[2]))) as connection:
            connection.sendall(b"POST /api/v1/imagine HTTP/1.1\r\nHost: sandbox\r\nContent-Length: 100\r\n\r\n{")
            told = time.monotonic()
            process.send_signal(number)
            _, said = process.communicate(timeout=PATIENCE)

    assert (process.returncode, said) == (exit_code, "")
    assert time.monotonic() - told < PROMPTLY


def test_it_says_how_to_use_it() -> None:
    """After the first line come the variables to set, the account and where the ledger is."""
    with started("sandbox", "--port", "0", "--api-key", "key$1", "--plan", "basic", "--fault", "stuck:pan") as process:
        assert process.stdout is not None
        match = FIRST_LINE.fullmatch(process.stdout.readline())
        assert match is not None
        lines = [process.stdout.readline().strip() for _ in range(7)]
        url = lines[-1].removeprefix("ledger: ")
        with urlopen(url, timeout=PATIENCE) as reply:  # noqa: S310 - the sandbox's own
            ledger = json.load(reply)

    assert lines[:-1] == [
        "",
        f"export JOURNEY_BASE_URL={match[1]}",
        "export JOURNEY_API_KEY='key$1'",
        "",
        "plan basic, 1000 credits, 20 times as fast",
        "fault stuck:pan",
    ]
    assert ledger["credits"] == 1000


def test_the_first_example_runs_against_it() -> None:
    """The README's first program works with the variables that the sandbox prints."""
    with started("sandbox", "--port", "0", "--task-seconds", "0.1") as process:
        assert process.stdout is not None
        match = FIRST_LINE.fullmatch(process.stdout.readline())
        assert match is not None
        variables = environment(JOURNEY_BASE_URL=match[1], JOURNEY_API_KEY="japi_sandbox_key")
        done = ran(sys.executable, str(ROOT / "examples" / "first.py"), env=variables)

    assert (done.returncode, done.stderr) == (0, "")
    assert len(re.findall(r"^http://\S+\.png$", done.stdout, re.MULTILINE)) == 4 + 1 + 4
    assert re.findall(r"^(\S+) +finished +100%$", done.stdout, re.MULTILINE) == ["imagine", "upscale-1x", "pan"]


@pytest.mark.parametrize(("number", "exit_code"), [(signal.SIGINT, INTERRUPTED), (signal.SIGTERM, 0)])
def test_main_gives_the_exit_code(
    number: signal.Signals, exit_code: int, free_tcp_port: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """In one process: once the port is open, a signal ends the command with its exit code."""

    def tell() -> None:
        wait_until_it_listens(free_tcp_port)
        os.kill(os.getpid(), number)

    teller = threading.Thread(target=tell, daemon=True)
    teller.start()

    assert main(["sandbox", "--port", str(free_tcp_port), "--task-seconds", "0.5"]) == exit_code

    teller.join(PATIENCE)
    said = capsys.readouterr()
    assert said.out.startswith(f"JourneyAPI sandbox on http://127.0.0.1:{free_tcp_port}/api/v1\n")
    assert "every task takes 0.5 s" in said.out
    assert said.err == ""


class LoopWithoutSignals(asyncio.SelectorEventLoop):
    """An event loop like that of Windows, which takes no signal handlers."""

    def add_signal_handler(self, sig: int, callback: Callable[..., object], *args: object) -> None:
        raise NotImplementedError


def test_without_signal_handlers_it_runs_until_cancelled(free_tcp_port: int) -> None:
    """Where the loop takes no signal handlers the sandbox runs all the same."""

    async def run_until_it_listens() -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(command.run, Sandbox(port=free_tcp_port), ())
            await anyio.to_thread.run_sync(wait_until_it_listens, free_tcp_port)
            group.cancel_scope.cancel()

    anyio.run(run_until_it_listens, backend_options={"loop_factory": LoopWithoutSignals})


def wait_until_it_listens(port: int) -> None:
    """Come back as soon as somebody takes connections at *port*."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        with socket.socket() as caller:
            if caller.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise TimeoutError(f"nobody listens at {port}")
