"""A headless Chromium, driven by its own protocol over a websocket."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import subprocess
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final

import aiohttp
import anyio

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

CHROMIUM: Final = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
)
PATIENCE: Final = 60.0
_KEYS: Final = {"Escape": 27, "Tab": 9, "Enter": 13, "ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39, "ArrowDown": 40}
_OPTIONS: Final = (
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars"),
    *("--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--disable-features=Translate,OptimizationHints,MediaRouter", "--remote-debugging-port=0"),
)


class Browser:
    """One page of the browser: what it is told to do, and what it complained about or asked for meanwhile."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)
        self._replies: dict[int, tuple[anyio.Event, dict[str, Any]]] = {}
        self.complaints: list[str] = []
        """Errors of scripts, of the policy, of files that are missing."""
        self.requested: list[str] = []
        """The links that were asked for."""

    async def listen(self) -> None:
        async for message in self._socket:
            said = json.loads(message.data)
            values = said.get("params", {})
            match said.get("method"):
                case None:
                    event, reply = self._replies[said["id"]]
                    reply |= said
                    event.set()
                case "Network.requestWillBeSent":
                    self.requested.append(values["request"]["url"])
                case "Runtime.exceptionThrown":
                    self.complaints.append(json.dumps(values["exceptionDetails"])[:500])
                case "Log.entryAdded" if values["entry"]["level"] in {"error", "warning"}:
                    # Not what the browser tells for information, such as that it loads pictures late on a slow machine.
                    self.complaints.append(values["entry"]["text"])
                case "Runtime.consoleAPICalled":
                    self.complaints.append(json.dumps(values["args"])[:500])
                case _:
                    pass

    async def call(self, method: str, **values: Any) -> dict[str, Any]:
        number, event, reply = next(self._numbers), anyio.Event(), dict[str, Any]()
        self._replies[number] = event, reply
        await self._socket.send_json({"id": number, "method": method, "params": values})
        with anyio.fail_after(PATIENCE):
            await event.wait()
        assert "error" not in reply, (method, reply)
        result: dict[str, Any] = reply["result"]
        return result

    async def run(self, script: str) -> Any:
        """Give the value of a script in the page, which may be a promise."""
        answer = await self.call(
            "Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True, userGesture=True
        )
        assert "exceptionDetails" not in answer, (script, answer)
        return answer["result"].get("value")

    async def until(self, script: str) -> None:
        """Wait until a script gives something true."""
        with anyio.fail_after(PATIENCE):
            while not await self.run(script):  # noqa: ASYNC110 - in another process
                await anyio.sleep(0.02)

    async def open(self, page: Path, place: str = "") -> None:
        """Open a page from the file system, anew even if only the place in it differs."""
        await self.call("Page.navigate", url="about:blank")
        self.complaints.clear()
        self.requested.clear()
        await self.call("Page.navigate", url=f"{page.as_uri()}{place}")
        await self.until(
            "document.readyState === 'complete' && document.documentElement.classList.contains('scripted')"
        )

    async def press(self, key: str) -> None:
        text = {"text": key} if len(key) == 1 else {"text": "\r"} if key == "Enter" else {}
        code = _KEYS.get(key, ord(key.upper()[0]))
        await self.call("Input.dispatchKeyEvent", type="keyDown", key=key, windowsVirtualKeyCode=code, **text)
        await self.call("Input.dispatchKeyEvent", type="keyUp", key=key, windowsVirtualKeyCode=code)

    async def show(self, *, width: int = 1280, height: int = 900, dark: bool = False, still: bool = False) -> None:
        """Choose the size of the screen and what its user prefers."""
        await self.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600
        )
        features = [
            {"name": "prefers-color-scheme", "value": "dark" if dark else "light"},
            {"name": "prefers-reduced-motion", "value": "reduce" if still else "no-preference"},
        ]
        await self.call("Emulation.setEmulatedMedia", features=features)


@asynccontextmanager
async def browser(profile: Path) -> AsyncGenerator[Browser]:
    """Run a Chromium with a fresh *profile*."""
    assert CHROMIUM is not None
    command = [CHROMIUM, *_OPTIONS, f"--user-data-dir={profile}", "about:blank"]
    process = await anyio.open_process(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=dict(os.environ)
    )
    try:
        async with aiohttp.ClientSession() as session, session.ws_connect(await _address(session, profile)) as socket:
            page = Browser(socket)
            async with anyio.create_task_group() as group:
                group.start_soon(page.listen)
                await _enable(page)
                yield page
                group.cancel_scope.cancel()
    finally:
        with anyio.CancelScope(shield=True):
            process.terminate()
            await process.wait()


async def _enable(page: Browser) -> None:
    for domain in ("Page", "Runtime", "Log", "Network", "Accessibility"):
        await page.call(f"{domain}.enable")
    # Without it a page without a window has no focus, and nothing can be copied.
    await page.call("Emulation.setFocusEmulationEnabled", enabled=True)


async def _address(session: aiohttp.ClientSession, profile: Path) -> str:
    port = anyio.Path(profile / "DevToolsActivePort")
    with anyio.fail_after(PATIENCE):
        while not await port.exists() or not (lines := (await port.read_text()).split()):  # noqa: ASYNC110 - as above
            await anyio.sleep(0.02)
        async with session.get(f"http://127.0.0.1:{lines[0]}/json/list") as reply:
            targets = await reply.json()
    address: str = next(target["webSocketDebuggerUrl"] for target in targets if target["type"] == "page")
    return address
