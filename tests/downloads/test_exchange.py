"""What goes out, what may come back, and what is done about it."""

from __future__ import annotations

import asyncio
import traceback
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.client_reqrep import ConnectionKey

from journey_async import DownloadError, Picture
from journey_async.media_host import translated
from tests.downloads.media_server import (
    MP4,
    ONCE,
    QUICK,
    TAG,
    chunked,
    cut,
    downloader,
    drip,
    lies,
    names,
    packed,
    part,
    picture,
    plain,
    redirect,
    status,
    stuck,
    whole,
    with_headers,
)

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from tests.downloads.media_server import Behaviour, MediaServer


async def failure(result: Any, folder: Path, **options: Any) -> DownloadError:
    """Download what cannot be, see that nothing is left of it, and give the error."""
    with pytest.raises(DownloadError) as caught:
        await downloader(**options).download(result, folder)
    assert names(folder) == []
    return caught.value


# --- what goes out


async def test_a_signed_link_goes_out_byte_for_byte(server: MediaServer, tmp_path: Path) -> None:
    signed = "/a%2Fb%20c/%7Eelk.png?Signature=a%2Bb%2F%3D&x=%7e&y=~+%20&&z"
    server.put("/a/b c/~elk.png", picture())

    await downloader().download(Picture(task_id="t-1", image_url=server.link(f"{signed}#here")), tmp_path)
    assert [request.raw_path for request in server.got] == [signed]


async def test_a_signed_link_that_a_redirect_gives_goes_out_byte_for_byte(server: MediaServer, tmp_path: Path) -> None:
    signed = "/elk.png?Signature=a%2Bb%2F%3D&x=%7e"
    server.put("/elk.png", picture())
    for to in (server.link(signed), signed):
        await downloader().download(server.picture(redirect(to)), tmp_path)

    assert [request.raw_path for request in server.got[1::2]] == [signed, signed]


async def test_no_key_no_cookie_and_no_packing_is_asked_for(
    server: MediaServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login me password canary")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setenv("JOURNEY_API_KEY", "canary")
    result = server.picture(with_headers(Set_Cookie="a=b; Path=/"), redirect("/elk.png"), status(503))
    server.put("/elk.png", picture())
    for _ in range(2):
        await downloader().download(result, tmp_path / "out")

    assert len(server.got) == 3
    assert not [request for request in server.got if "canary" in str(request.headers) or "Cookie" in request.headers]
    assert server.asked("Authorization") == [None] * 3
    assert server.asked("Accept-Encoding") == ["identity"] * 3


# --- redirects


async def test_five_redirects_are_followed(server: MediaServer, tmp_path: Path) -> None:
    for number, kind in enumerate((301, 302, 303, 307, 308)):
        server.put(f"/{number}", b"", redirect(f"/{number + 1}", kind))
    server.put("/5", picture())

    await downloader().download(Picture(task_id="t-1", image_url=server.link("/0")), tmp_path)
    assert len(server.got) == 6


async def test_six_redirects_are_one_too_many(server: MediaServer, tmp_path: Path) -> None:
    server.put("/0", b"", *[redirect("/0")] * 10)

    error = await failure(Picture(task_id="t-1", image_url=server.link("/0")), tmp_path)
    assert "it was redirected more than 5 times" in str(error)
    assert len(server.got) == 6


@pytest.mark.parametrize(
    ("to", "why"),
    [
        ("ftp://127.0.0.1/elk.png", "only http and https links"),
        ("file:///etc/passwd", "only http and https links"),
        ("", "only http and https links"),
        ("http://me:canary@127.0.0.1/elk.png", "a link with a user name"),
        ("http://[::1/elk.png", "only http and https links"),
        ("http://127.0.0.1:99999/", "only http and https links"),
    ],
)
async def test_a_redirect_elsewhere_is_refused(server: MediaServer, tmp_path: Path, to: str, why: str) -> None:
    error = await failure(server.picture(redirect(to)), tmp_path)
    assert f"it was redirected: {why}" in str(error)
    assert "canary" not in str(error)
    assert len(server.got) == 1


@pytest.mark.parametrize("link", ["data:image/png;base64,AAAA", "elk.png", "", "http:///elk.png", "http://a b/"])
async def test_a_link_that_is_no_link_is_refused(tmp_path: Path, link: str) -> None:
    error = await failure(Picture(task_id="t-1", image_url=link), tmp_path)
    assert "only http and https links are followed" in str(error)


HOSTS = ["a..b", "a" * 70 + ".test", ".", "é\ud800.test"]


@pytest.mark.parametrize("host", HOSTS, ids=ascii)
async def test_a_host_that_cannot_be_spelt_fails_the_file(tmp_path: Path, host: str) -> None:
    error = await failure(Picture(task_id="t-1", image_url=f"http://{host}/elk.png"), tmp_path, retry=ONCE)

    assert "the link cannot be used" in str(error)


def test_a_certificate_that_is_not_valid_is_not_tried_again() -> None:
    key = ConnectionKey("cdn.test", 443, True, True, None, None, None)
    error = translated(aiohttp.ClientConnectorCertificateError(key, Exception("self-signed")))

    assert (str(error), error.passing) == ("the certificate of cdn.test is not valid", False)


# --- cuts


@pytest.mark.parametrize(("at", "resumed"), [(0, None), (1, None), (32, "bytes=32-"), (999, "bytes=999-")])
async def test_a_file_that_was_cut_is_resumed(
    server: MediaServer, tmp_path: Path, at: int, resumed: str | None
) -> None:
    (path,) = await downloader().download(server.picture(cut(at)), tmp_path)

    assert path.read_bytes() == picture()
    assert server.asked("Range") == [None, resumed]
    assert server.asked("If-Range") == [None, resumed and TAG]


async def test_a_large_file_that_was_cut_is_resumed_near_its_end(server: MediaServer, tmp_path: Path) -> None:
    (path,) = await downloader().download(server.picture(cut(5_000_000), size=6_000_000), tmp_path)

    assert path.read_bytes() == picture(6_000_000)
    # What had arrived and was not read yet when the connection broke is lost.
    assert 4_000_000 < int((server.asked("Range")[1] or "")[6:-1]) <= 5_000_000


async def test_a_file_that_is_cut_again_and_again_comes_as_long_as_there_is_more_of_it(
    server: MediaServer, tmp_path: Path
) -> None:
    result = server.picture(*[cut(100)] * 9)

    (path,) = await downloader().download(result, tmp_path)
    assert path.read_bytes() == picture()
    assert server.asked("Range") == [None, *(f"bytes={start}-" for start in range(100, 1000, 100))]


@pytest.mark.parametrize(
    ("headers", "asked"),
    [
        ({"ETag": TAG}, TAG),
        ({"ETag": 'W/"v1"'}, None),
        ({"ETag": 'W/"v1"', "Last_Modified": "Sun, 22 Nov 2026 17:00:00 GMT"}, "Sun, 22 Nov 2026 17:00:00 GMT"),
        ({"ETag": ""}, None),
    ],
)
async def test_the_version_to_go_on_with_is_named_where_it_is_known(
    server: MediaServer, tmp_path: Path, headers: dict[str, str], asked: str | None
) -> None:
    result = server.picture(cut(500, **headers), with_headers(**headers))

    (path,) = await downloader().download(result, tmp_path)
    assert path.read_bytes() == picture()
    assert (server.asked("Range")[1], server.asked("If-Range")[1]) == ("bytes=500-", asked)


@pytest.mark.parametrize("then", [whole, chunked, with_headers(ETag='"v2"'), packed()])
async def test_a_host_that_sends_the_whole_file_again_is_read_from_its_start(
    server: MediaServer, tmp_path: Path, then: Behaviour
) -> None:
    result = server.picture(cut(500))
    server.plans["/t-1/0_0.png"].append(then)

    (path,) = await downloader().download(result, tmp_path)
    assert path.read_bytes() == picture()


async def test_a_shorter_file_that_takes_the_place_of_a_longer_one_is_whole(
    server: MediaServer, tmp_path: Path
) -> None:
    async def shorter(request: web.Request, data: bytes) -> web.StreamResponse:
        return await whole(request, picture(300, 5))

    (path,) = await downloader().download(server.picture(cut(900), shorter), tmp_path)
    assert path.read_bytes() == picture(300, 5)


@pytest.mark.parametrize("wrong", [part(100), part(0), status(416), status(206), status(206, Content_Range="bytes x")])
async def test_a_part_that_was_not_asked_for_is_dropped(server: MediaServer, tmp_path: Path, wrong: Behaviour) -> None:
    (path,) = await downloader().download(server.picture(cut(500), wrong), tmp_path)

    assert path.read_bytes() == picture()
    assert server.asked("Range") == [None, "bytes=500-", None]


async def test_a_part_of_which_the_whole_is_not_told_is_taken(server: MediaServer, tmp_path: Path) -> None:
    async def rest(request: web.Request, data: bytes) -> web.StreamResponse:
        return web.Response(status=206, body=data[500:], headers={"Content-Range": "bytes 500-999/*"})

    (path,) = await downloader().download(server.picture(cut(500), rest), tmp_path)
    assert path.read_bytes() == picture()
    assert len(server.got) == 2


async def test_a_part_that_is_the_whole_file_is_the_whole_file(server: MediaServer, tmp_path: Path) -> None:
    (path,) = await downloader().download(server.picture(part(0)), tmp_path)

    assert path.read_bytes() == picture()


async def test_a_packed_body_that_was_cut_is_fetched_again(server: MediaServer, tmp_path: Path) -> None:
    (path,) = await downloader().download(server.picture(packed(cut_at=100)), tmp_path)

    assert path.read_bytes() == picture()


# --- patience


@pytest.mark.parametrize("number", [408, 425, 429, 500, 502, 503, 504])
async def test_a_fault_that_passes_is_waited_out(server: MediaServer, tmp_path: Path, number: int) -> None:
    result = server.picture(status(number, Retry_After="0"), status(number))

    (path,) = await downloader().download(result, tmp_path)
    assert path.read_bytes() == picture()
    assert len(server.got) == 3


@pytest.mark.parametrize("number", [429, 503])
async def test_patience_ends(server: MediaServer, tmp_path: Path, number: int) -> None:
    error = await failure(server.picture(status(number)), tmp_path, retry=ONCE)

    assert (error.status, len(server.got)) == (number, 1)


async def test_a_host_that_asks_for_more_time_than_there_is_patience_is_not_waited_for(
    server: MediaServer, tmp_path: Path
) -> None:
    error = await failure(server.picture(status(503, Retry_After="3600")), tmp_path)

    assert (error.status, len(server.got)) == (503, 1)


@pytest.mark.parametrize("number", [401, 403, 404, 410])
async def test_a_link_that_has_expired_is_told_as_such_and_not_repeated(
    server: MediaServer, tmp_path: Path, number: int
) -> None:
    error = await failure(server.picture(status(number)), tmp_path)

    assert f"the host answered {number}: the link may have expired, fetch the task anew for a fresh one" in str(error)
    assert (error.status, error.task_id, error.n, len(server.got)) == (number, "t-1", "1", 1)


async def test_a_host_that_is_not_there_is_told_as_such(tmp_path: Path, free_tcp_port: int) -> None:
    result = Picture(task_id="t-1", image_url=f"http://127.0.0.1:{free_tcp_port}/elk.png")
    error = await failure(result, tmp_path, retry=ONCE)

    assert "no connection was made" in str(error)


@pytest.mark.parametrize("after", [0, 500])
async def test_a_host_that_falls_silent_is_left(server: MediaServer, tmp_path: Path, after: int) -> None:
    result = server.picture(stuck(after))

    (path,) = await downloader(silence=0.02).download(result, tmp_path)
    assert path.read_bytes() == picture()
    assert len(server.got) == 2


async def test_one_byte_at_a_time_is_a_file_too(server: MediaServer, tmp_path: Path) -> None:
    (path,) = await downloader().download(server.picture(drip), tmp_path)

    assert path.read_bytes() == picture()


# --- what is no file


@pytest.mark.parametrize("data", [b"<html>no</html>", b"\x89PN", MP4, bytes(1000)])
async def test_what_is_no_picture_is_refused(server: MediaServer, tmp_path: Path, data: bytes) -> None:
    result = server.picture()
    server.files["/t-1/0_0.png"] = data

    error = await failure(result, tmp_path)
    assert "what came is no picture" in str(error)
    assert len(server.got) == 1


async def test_a_picture_is_no_video(server: MediaServer, tmp_path: Path) -> None:
    videos = server.videos()
    for path in server.files:
        server.files[path] = picture()

    assert "what came is no video" in str(await failure(videos, tmp_path))


@pytest.mark.parametrize("behaviour", [plain, chunked, packed(), status(206, Content_Range="bytes 0-0/1")])
async def test_an_empty_file_is_refused(server: MediaServer, tmp_path: Path, behaviour: Behaviour) -> None:
    result = server.picture(behaviour)
    server.files["/t-1/0_0.png"] = b""

    assert str(await failure(result, tmp_path, retry=ONCE))


async def test_an_empty_file_in_the_place_of_one_that_was_cut_is_refused(server: MediaServer, tmp_path: Path) -> None:
    async def nothing(request: web.Request, data: bytes) -> web.StreamResponse:
        return web.Response(body=b"")

    assert "the host sent an empty file" in str(await failure(server.picture(cut(500), nothing), tmp_path))


async def test_a_length_that_is_too_long_is_a_cut(server: MediaServer, tmp_path: Path) -> None:
    error = await failure(server.picture(*[lies(1500)] * 9), tmp_path, retry=ONCE)

    assert "the connection broke or fell silent" in str(error)


async def test_a_length_that_lies_once_is_not_believed_for_ever(server: MediaServer, tmp_path: Path) -> None:
    (path,) = await downloader().download(server.picture(lies(1500)), tmp_path)

    assert path.read_bytes() == picture()
    assert server.asked("Range") == [None, "bytes=1000-", None]


async def test_a_part_that_ends_early_is_a_cut(server: MediaServer, tmp_path: Path) -> None:
    async def short(request: web.Request, data: bytes) -> web.StreamResponse:
        return web.Response(status=206, body=data[500:700], headers={"Content-Range": "bytes 500-699/1000"})

    (path,) = await downloader().download(server.picture(cut(500), short), tmp_path)
    assert path.read_bytes() == picture()
    assert server.asked("Range") == [None, "bytes=500-", "bytes=700-"]


# --- limits


async def test_a_file_that_says_it_is_too_large_is_refused_at_once(server: MediaServer, tmp_path: Path) -> None:
    error = await failure(server.picture(stuck(0)), tmp_path, largest=999)

    assert "it is larger than 999 bytes: allow more with largest=" in str(error)


@pytest.mark.parametrize("behaviour", [chunked, packed()])
async def test_what_arrives_is_counted_not_what_is_said(
    server: MediaServer, tmp_path: Path, behaviour: Behaviour
) -> None:
    assert "it is larger than 999 bytes" in str(await failure(server.picture(behaviour), tmp_path, largest=999))
    assert await downloader(largest=1000).download(server.picture(behaviour), tmp_path)


async def test_a_bomb_is_stopped_when_it_is_too_large(server: MediaServer, tmp_path: Path) -> None:
    result = server.picture(packed())
    server.files["/t-1/0_0.png"] = picture(33) + bytes(60_000_000)

    assert "it is larger than 1000000 bytes" in str(await failure(result, tmp_path, largest=1_000_000))


@pytest.mark.parametrize("coding", ["gzip", "X-GZIP", "deflate"])
async def test_a_packed_file_is_unpacked(server: MediaServer, tmp_path: Path, coding: str) -> None:
    result = server.picture(packed(coding), size=300_000)

    (path,) = await downloader().download(result, tmp_path)
    assert path.read_bytes() == picture(300_000)


@pytest.mark.parametrize(
    ("behaviour", "why"),
    [(packed("br"), "it is packed as 'br'"), (with_headers(Content_Encoding="gzip"), "cannot be unpacked")],
)
async def test_what_cannot_be_unpacked_is_refused(
    server: MediaServer, tmp_path: Path, behaviour: Behaviour, why: str
) -> None:
    assert why in str(await failure(server.picture(behaviour), tmp_path))


# --- what is told


async def test_no_error_and_no_log_tells_the_signature(
    server: MediaServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    for behaviour in (
        status(503),
        status(404),
        redirect("ftp://x/?canary"),
        redirect("http://[x/?canary"),
        cut(3),
        plain,
    ):
        link = f"{server.put('/elk.png', b'', behaviour, behaviour, status(404))}?canary=1#canary"
        error = await failure(Picture(task_id="t-1", image_url=link), tmp_path)
        assert "canary" not in "".join(traceback.format_exception(error)) + repr(vars(error))
        assert error.url == server.link("/elk.png")
    assert "again in" in caplog.text
    assert "canary" not in caplog.text


async def test_a_user_name_in_a_link_is_neither_sent_nor_told(server: MediaServer, tmp_path: Path) -> None:
    link = server.link("/elk.png").replace("//", "//me:canary@")
    error = await failure(Picture(task_id="t-1", image_url=link), tmp_path)

    assert "a link with a user name is not followed" in str(error)
    assert "canary" not in "".join(traceback.format_exception(error))
    assert server.got == []


async def test_several_failures_are_told_together_after_the_rest_has_come(server: MediaServer, tmp_path: Path) -> None:
    grid = server.grid()
    server.plans["/t-1/0_0.png"] = [status(404)]
    server.plans["/t-1/0_2.png"] = [status(403)]

    with pytest.raises(DownloadError, match="2 of 4 files were not downloaded:\n  - task t-1, file 1") as caught:
        await downloader().download(grid, tmp_path, name="{n}.{ext}")
    assert [(error.n, error.status) for error in caught.value.failures] == [("1", 404), ("3", 403)]
    assert names(tmp_path) == ["2.png", "4.png"]


async def test_of_very_many_failures_ten_are_told_one_by_one(server: MediaServer, tmp_path: Path) -> None:
    results = [server.picture(status(404), task_id=f"t-{number}") for number in range(13)]
    error = await failure(results, tmp_path)

    assert str(error).count("\n") == 11
    assert str(error).endswith("and 3 more, see failures")
    assert len(error.failures) == 13


# --- proxies


@asynccontextmanager
async def proxy() -> AsyncGenerator[tuple[str, list[bytes]]]:
    """Give a proxy that answers by itself, and what it was asked."""
    got: list[bytes] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        got.append(await reader.readuntil(b"\r\n\r\n"))
        data = picture()
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(data) + data)
        writer.close()
        await writer.wait_closed()

    listener = await asyncio.start_server(handle, "127.0.0.1", 0)
    async with listener:
        yield f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}", got


@pytest.mark.parametrize("by", ["argument", "environment"])
async def test_a_proxy_is_gone_through(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, by: str) -> None:
    result = Picture(task_id="t-1", image_url="http://cdn.test/elk%2B.png?a=%2B")
    async with proxy() as (address, got):
        monkeypatch.setenv("http_proxy", address if by == "environment" else "http://127.0.0.1:9")
        monkeypatch.setenv("no_proxy", "")
        await downloader(proxy=None if by == "environment" else address).download(result, tmp_path)

    assert got[0].startswith(b"GET http://cdn.test/elk%2B.png?a=%2B HTTP/1.1\r\n")


async def test_a_proxy_that_cannot_be_used_fails_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "socks5://me:canary@127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "")
    error = await failure(Picture(task_id="t-1", image_url="http://cdn.test/elk.png"), tmp_path, proxy=None)

    assert "proxy must be an http or https URL, got socks5://127.0.0.1" in str(error)


async def test_strict_and_a_proxy_exclude_each_other(tmp_path: Path) -> None:
    result = Picture(task_id="t-1", image_url="http://cdn.test/elk.png")
    error = await failure(result, tmp_path, strict=True, proxy="http://127.0.0.1:9")

    assert "set proxy='' to go past it" in str(error)


# --- strict


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "127.1", "2130706433", "0x7f.1"])
async def test_strict_refuses_this_machine(server: MediaServer, tmp_path: Path, host: str) -> None:
    link = f"http://{host}:{server.port}/elk.png"
    error = await failure(Picture(task_id="t-1", image_url=link), tmp_path, strict=True, retry=QUICK)

    assert "public" in str(error)
    assert "strict=True asks for" in str(error)
    assert server.got == []


async def test_this_machine_is_not_refused_otherwise(server: MediaServer, tmp_path: Path) -> None:
    server.put("/elk.png", picture())
    link = f"http://localhost:{server.port}/elk.png"

    assert await downloader().download(Picture(task_id="t-1", image_url=link), tmp_path)
