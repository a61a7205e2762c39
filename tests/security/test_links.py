"""Links of results, which the service chooses: with `strict=True` none of them reaches the network of whoever asks."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING, Any

import aiohappyeyeballs
import anyio
import pytest
from aiohttp import web

from journey_async import DownloadError, Wanted
from journey_async.core.kinds import Picture
from tests.downloads.media_server import ONCE, MediaServer, downloader, media_server, picture

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence
    from pathlib import Path

PUBLIC = "93.184.216.34"
OTHER_SCHEMES = (
    "file:///etc/passwd",
    "data:image/png;base64,iVBORw0KGgo=",
    "ftp://127.0.0.1/x",
    "gopher://127.0.0.1/x",
    "javascript:alert(1)",
    "//127.0.0.1/x",
    "/etc/passwd",
    "",
)
PRIVATE_HOSTS = (
    "127.0.0.1",
    "127.1",
    "127.0.1",
    "2130706433",
    "0x7f000001",
    "0x7f.0.0.1",
    "0177.0.0.1",
    "017700000001",
    "0",
    "0.0.0.0",  # noqa: S104 - linked to, not bound to
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "[::]",
    "[::1]",
    "[::127.0.0.1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:a9fe:a9fe]",
    "[64:ff9b::7f00:1]",
    "[64:ff9b::169.254.169.254]",
    "[64:ff9b:1::1]",
    "[2002:7f00:1::]",
    "[fe80::1]",
    "[fc00::1]",
    "[fec0::1]",
    "[ff02::1]",
)


class Wire:
    """The network of this process: what names mean, and where connections are made to."""

    def __init__(self) -> None:
        self.answers: dict[str, list[str]] = {}
        """The addresses of a name, one lookup after another; the last one stays."""
        self.asked: list[str] = []
        self.reached: list[str] = []
        self.port = 0

    def look_up(self, host: str | bytes, port: int, *_: object, **__: object) -> list[tuple[Any, ...]]:
        name = host if isinstance(host, str) else host.decode()
        self.asked.append(name)
        found = self.answers[name]
        address = found.pop(0) if len(found) > 1 else found[0]
        if ":" in address:
            return [(socket.AF_INET6, socket.SOCK_STREAM, 6, "", (address, port, 0, 0))]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    async def connect(self, *, addr_infos: Sequence[tuple[Any, ...]], **_: object) -> socket.socket:
        self.reached.extend(address[4][0] for address in addr_infos)
        made = socket.socket()
        made.setblocking(False)
        made.connect_ex(("127.0.0.1", self.port))
        await anyio.wait_writable(made)
        return made


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Wire:
    """Give a network in which every connection that is made ends at the server of the test."""
    made = Wire()
    monkeypatch.setattr(socket, "getaddrinfo", made.look_up)
    monkeypatch.setattr(aiohappyeyeballs, "start_connection", made.connect)
    return made


@pytest.fixture
async def server(wire: Wire) -> AsyncGenerator[MediaServer]:
    wire.answers["127.0.0.1"] = ["127.0.0.1"]
    async with media_server() as running:
        wire.port = running.port
        yield running


async def refusal(link: str, folder: Path) -> str:
    """Download a link that is to be refused, and give the reason."""
    with pytest.raises(DownloadError) as caught:
        await downloader(strict=True, retry=ONCE).download(Picture(task_id="t", image_url=link), folder)
    assert not next(os.scandir(folder), None)
    return caught.value.message


@pytest.mark.parametrize("link", OTHER_SCHEMES)
async def test_only_http_and_https_are_spoken(link: str, wire: Wire, tmp_path: Path) -> None:
    """No file of this machine and no other protocol is read."""
    assert "only http and https links are followed" in await refusal(link, tmp_path)
    assert not wire.reached


@pytest.mark.parametrize("host", PRIVATE_HOSTS)
async def test_no_spelling_of_a_private_address_is_connected_to(host: str, wire: Wire, tmp_path: Path) -> None:
    """Refused by how it is spelt: no name is looked up and nothing is sent."""
    said = await refusal(f"http://{host}/x.png", tmp_path)

    assert "its host is not one of the public internet" in said or "only http and https" in said
    assert not wire.asked
    assert not wire.reached


@pytest.mark.parametrize("host", PRIVATE_HOSTS)
async def test_no_redirect_leads_to_a_private_address(
    host: str, server: MediaServer, wire: Wire, tmp_path: Path
) -> None:
    """A public host may not send us on to where it cannot go itself."""
    wire.answers["cdn.test"] = [PUBLIC]

    async def elsewhere(_: web.Request, __: bytes) -> web.StreamResponse:
        return web.Response(status=302, headers={"Location": f"http://{host}/x.png"})

    server.put("/x.png", picture(), elsewhere)
    said = await refusal("http://cdn.test/x.png", tmp_path)

    assert "redirected" in said
    assert set(wire.reached) == {PUBLIC}


@pytest.mark.parametrize("link", OTHER_SCHEMES[:5])
async def test_no_redirect_leads_to_another_protocol(
    link: str, server: MediaServer, wire: Wire, tmp_path: Path
) -> None:
    """Neither to a file of this machine."""
    wire.answers["cdn.test"] = [PUBLIC]

    async def elsewhere(_: web.Request, __: bytes) -> web.StreamResponse:
        return web.Response(status=302, headers={"Location": link})

    server.put("/x.png", picture(), elsewhere)

    assert "only http and https links are followed" in await refusal("http://cdn.test/x.png", tmp_path)
    assert set(wire.reached) == {PUBLIC}


@pytest.mark.parametrize("address", ["127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "fd00::1", "::ffff:10.0.0.1"])
async def test_a_name_that_means_a_private_address_is_not_connected_to(
    address: str, wire: Wire, tmp_path: Path
) -> None:
    """Also `localhost`, and a name in somebody's own zone."""
    for name in ("localhost", "metadata.test"):
        wire.answers[name] = [address]
        assert "has an address that is not public" in await refusal(f"http://{name}/x.png", tmp_path)
    assert not wire.reached


async def test_a_connection_goes_to_the_very_address_that_was_checked(
    server: MediaServer, wire: Wire, tmp_path: Path
) -> None:
    """A name that means something else right after it was looked at (DNS rebinding) changes nothing."""
    wire.answers["cdn.test"] = [PUBLIC, "127.0.0.1"]
    server.put("/x.png", picture())

    await downloader(strict=True).download(Picture(task_id="t", image_url="http://cdn.test/x.png"), tmp_path)

    assert wire.reached == [PUBLIC]
    assert wire.asked.count("cdn.test") == 1


async def test_a_name_that_changed_is_refused_when_it_is_looked_up_again(
    server: MediaServer, wire: Wire, tmp_path: Path
) -> None:
    """Each call asks anew, and checks anew."""
    wire.answers["cdn.test"] = [PUBLIC, "127.0.0.1"]
    server.put("/x.png", picture())
    asked = Picture(task_id="t", image_url="http://cdn.test/x.png")
    await downloader(strict=True).download(asked, tmp_path / "first")

    (tmp_path / "second").mkdir()
    assert "has an address that is not public" in await refusal("http://cdn.test/x.png", tmp_path / "second")
    assert wire.reached == [PUBLIC]


# --- the folder that files are saved in


async def test_a_symlink_under_the_name_of_a_file_is_not_written_through(server: MediaServer, tmp_path: Path) -> None:
    """Whether it leads somewhere or nowhere, what it leads to stays as it is."""
    target, nowhere, folder = tmp_path / "target", tmp_path / "nowhere", tmp_path / "out"
    folder.mkdir()
    target.write_bytes(b"mine")
    (folder / "elk.png").symlink_to(target)
    (folder / "elk (2).png").symlink_to(nowhere)

    (saved,) = await downloader().download(server.picture(), folder, name="elk.{ext}")

    assert saved == folder / "elk (3).png"
    assert not saved.is_symlink()
    assert target.read_bytes() == b"mine"
    assert not nowhere.exists()


@pytest.mark.parametrize(
    "words", ["../../etc/passwd", "/etc/passwd", "..", "a\x00b", "con", "x" * 5000, "C:\\x", "a\nb", "~/.bashrc", "-rf"]
)
async def test_no_prompt_key_or_id_leads_out_of_the_folder(words: str, server: MediaServer, tmp_path: Path) -> None:
    """Whatever users and the service put into a name."""
    link = server.put("/x.png", picture())
    folder = tmp_path / "deep" / "out"
    wanted = Wanted(result=Picture(task_id=words, image_url=link), prompt=words, action=words, key=words)
    (saved,) = await downloader().download(wanted, folder, name="{prompt}/{key}-{task_id}-{action}.{ext}")

    assert saved.resolve().is_relative_to(folder.resolve())
    assert saved.is_file()
    assert [name for _, _, names in os.walk(tmp_path) for name in names] == [saved.name]
