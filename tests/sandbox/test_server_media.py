"""Media files: whole, in parts, and only once their task is finished."""

from __future__ import annotations

from base64 import b64encode
from contextlib import asynccontextmanager
from io import BytesIO
from typing import TYPE_CHECKING

import anyio
import pytest
from aiohttp import ClientSession
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from journey_async.core.kinds import InpaintGrid, Text
from journey_async.sandbox import Sandbox
from journey_async.sandbox.drawing.pictures import render_png
from journey_async.sandbox.media import CACHED, Darkroom, Part, part_of
from journey_async.sandbox.scenes import Imagined
from tests.sandbox.asking import ENOUGH, MAKERS, Caller
from tests.sandbox.visiting import Visitor

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from aiohttp import ClientResponse

    from journey_async.core.kinds import Kind


@asynccontextmanager
async def tile(**fields: object) -> AsyncGenerator[tuple[Visitor, str]]:
    """Give a visitor and the URL of a finished picture."""
    async with Sandbox(task_seconds=0) as box, ClientSession(headers={"Authorization": box.api_key}) as session:
        visitor = Visitor(box, session)
        _, said = await visitor.post("imagine", **{"prompt": "elk", **fields})
        item = await visitor.finished(said["task_id"])
        yield visitor, item["image_url"] if "image_url" in item else item["image_urls"][1]


async def read(visitor: Visitor, url: str, method: str = "GET", **headers: str) -> tuple[ClientResponse, bytes]:
    given_headers = {name.replace("_", "-"): value for name, value in headers.items()}
    async with visitor.session.request(
        method, url, headers=given_headers, skip_auto_headers=["Accept-Encoding"]
    ) as got:
        return got, await got.read()


async def test_a_file_is_a_picture_with_its_length_and_type() -> None:
    async with tile() as (visitor, url):
        response, data = await read(visitor, url)
        assert (200, "image/png", len(data)) == (response.status, response.content_type, response.content_length)
        assert response.headers["Accept-Ranges"] == "bytes"
        with Image.open(BytesIO(data)) as image:
            assert image.format == "PNG"
        assert (await read(visitor, url))[1] == data


async def test_a_head_request_tells_the_length_and_sends_nothing() -> None:
    async with tile() as (visitor, url):
        _, data = await read(visitor, url)
        response, nothing = await read(visitor, url, "HEAD", Range="bytes=0-1")
        assert (200, str(len(data)), b"") == (response.status, response.headers["Content-Length"], nothing)


async def test_a_download_can_be_resumed() -> None:
    async with tile() as (visitor, url):
        response, data = await read(visitor, url)
        rest, tail = await read(visitor, url, Range="bytes=100-", If_Range=response.headers["ETag"])
        assert (206, data[100:]) == (rest.status, tail)
        assert f"bytes 100-{len(data) - 1}/{len(data)}" == rest.headers["Content-Range"]


async def test_a_part_of_another_version_is_the_whole_file() -> None:
    async with tile() as (visitor, url):
        response, data = await read(visitor, url, Range="bytes=100-", If_Range='"another"')
        assert (response.status, len(data) > 100) == (200, True)


async def test_a_part_behind_the_end_cannot_be_had() -> None:
    async with tile() as (visitor, url):
        _, data = await read(visitor, url)
        response, nothing = await read(visitor, url, Range=f"bytes={len(data)}-")
        assert (416, b"", f"bytes */{len(data)}") == (response.status, nothing, response.headers["Content-Range"])


async def test_a_file_that_is_known_is_not_sent_again() -> None:
    async with tile() as (visitor, url):
        response, _ = await read(visitor, url)
        again, nothing = await read(visitor, url, If_None_Match=response.headers["ETag"])
        assert (again.status, nothing) == (304, b"")


async def test_a_jpg_is_a_jpeg() -> None:
    async with tile(model="flux-schnell", output_format="jpg") as (visitor, url):
        response, data = await read(visitor, url)
        assert url.endswith("/0_0.jpg")
        assert (response.content_type, data[:3]) == ("image/jpeg", b"\xff\xd8\xff")


async def test_a_file_is_not_there_before_its_task_is_finished() -> None:
    async with Sandbox(task_seconds=60) as box, ClientSession(headers={"Authorization": box.api_key}) as session:
        visitor = Visitor(box, session)
        _, said = await visitor.post("imagine", prompt="elk")
        status, body = await visitor.send("GET", f"/media/{said['task_id']}/0_0.png")
        assert (status, body) == (404, {"errors": [{"msg": "file not found"}]})


async def test_a_picture_needs_no_key() -> None:
    async with tile() as (visitor, url):
        assert (await read(visitor, url, Authorization="wrong"))[0].status == 200


async def test_a_prompt_of_any_characters_can_be_drawn() -> None:
    async with tile(prompt="\ud800 \x00 鹿 ﷽ 🦌 \u202e") as (visitor, url):
        assert (await read(visitor, url))[0].status == 200


async def test_a_video_is_drawn() -> None:
    async with Sandbox(task_seconds=0) as box, ClientSession(headers={"Authorization": box.api_key}) as session:
        visitor = Visitor(box, session)
        _, said = await visitor.post("imagine-video", prompt="it moves", image_url="https://example.com/elk.jpg")
        item = await visitor.finished(said["task_id"])
        response, data = await read(visitor, item["video_urls"][0])
        assert response.status == 200
        assert response.content_type.partition("/")[0] in {"image", "video"}
        assert len(data) > 1000


@pytest.mark.parametrize(
    "kind", [kind for kind in MAKERS if not issubclass(kind, Text)], ids=lambda kind: kind.__name__
)
async def test_every_file_of_every_kind_can_be_downloaded(kind: Kind) -> None:
    async with Sandbox() as box, ClientSession() as session:
        # Straight into the world, whose time is then far ahead of the clock.
        caller = Caller(box.world)
        mask = f"data:image/png;base64,{b64encode(render_png(Imagined(prompt='mask', seed=1))).decode()}"
        task_id = caller.task(kind) if kind is not InpaintGrid else caller.submit("inpaint", mask=mask).task_id
        caller.now += ENOUGH
        item = caller.fetch(task_id)
        urls = [
            url
            for name, value in item.items()
            if "_url" in name
            for url in ([value] if isinstance(value, str) else value)
        ]
        assert len(urls) in {1, 4, 5}
        for url in urls:
            response, data = await read(Visitor(box, session), url)
            assert response.status == 200
            with Image.open(BytesIO(data)) as image:
                image.load()


async def test_a_mask_that_is_no_picture_is_refused() -> None:
    async with Sandbox(task_seconds=0) as box, ClientSession(headers={"Authorization": box.api_key}) as session:
        visitor = Visitor(box, session)
        _, said = await visitor.post("imagine", prompt="elk")
        _, said = await visitor.post("upscale-1x", parent_task_id=said["task_id"], index="1")
        status, body = await visitor.post(
            "inpaint", parent_task_id=said["task_id"], mask="data:image/png;base64,iVBORw0KGgo="
        )
        assert (status, body["errors"][0]["msg"].startswith("mask must be a base64 PNG")) == (400, True)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("", None),
        ("bytes=0-9", Part(0, 10)),
        ("bytes=90-", Part(90, 100)),
        ("bytes=90-1000", Part(90, 100)),
        ("bytes=-10", Part(90, 100)),
        ("bytes=-1000", Part(0, 100)),
        ("bytes=-0", Part(100, 100)),
        ("bytes=100-", Part(100, 100)),
        ("bytes=9-8", None),
        ("bytes=-", None),
        ("bytes=0-1,5-6", None),
        ("lines=0-1", None),
        ("Bytes = 1 - 2", Part(1, 3)),
    ],
)
def test_a_range_is_read(asked: str, expected: Part | None) -> None:
    assert expected == part_of(asked, 100)


@given(st.text() | st.from_regex(r"bytes=[0-9]{0,30}-[0-9]{0,30}", fullmatch=True), st.integers(0, 1000))
def test_any_range_is_within_the_file_or_cannot_be_had(asked: str, size: int) -> None:
    part = part_of(asked, size)
    assert part is None or part.start >= part.end or 0 <= part.start < part.end <= size


async def test_what_is_drawn_is_kept_up_to_a_limit() -> None:
    darkroom = Darkroom()
    scenes = [Imagined(prompt=f"elk {number}", seed=1) for number in range(3)]
    drawn: list[bytes] = [await darkroom.file("0_0.png", (scene,)) for scene in scenes]
    again = await darkroom.file("0_0.png", (scenes[0],))
    assert again is drawn[0]
    darkroom.keep(("large.png", ()), b" " * CACHED)
    assert await darkroom.file("0_0.png", (scenes[0],)) is not drawn[0]


async def test_a_picture_that_is_wanted_twice_at_once_is_the_same() -> None:
    async with tile() as (visitor, url):
        seen: list[bytes] = []

        async def look() -> None:
            seen.append((await read(visitor, url))[1])

        async with anyio.create_task_group() as group:
            for _ in range(5):
                group.start_soon(look)
        assert len(set(seen)) == 1
