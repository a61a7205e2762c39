"""The files of a gallery: fetched once, drawn small, and told about where they are missing."""

from __future__ import annotations

import os
import struct
import zlib
from typing import TYPE_CHECKING

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from journey_async.core.kinds import ImagineGrid, ImagineVideos, UpscaledPicture
from journey_async.errors import InvalidRequestError
from journey_async.gallery import write_gallery
from journey_async.gallery.pictures import AT_A_TIME, Pictures, stem_of
from journey_async.gallery.thumbnails import UnreadablePictureError, draw_thumbnail, picture_size
from journey_async.sandbox import Sandbox
from tests.client.services import KEY, OverHttp
from tests.downloads.media_server import MP4, MediaServer, downloader, media_server
from tests.gallery.runs import NOWHERE, ONCE, Links, elk, put_pictures, ran
from tests.pictures import png

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from journey_async.core.kinds import Result


@pytest.fixture
async def server() -> AsyncGenerator[MediaServer]:
    async with media_server() as running:
        yield running


def pictures(folder: Path) -> Pictures:
    return Pictures(folder, downloader=downloader())


def claiming(width: int, height: int) -> bytes:
    """Make a small picture whose header says that it is large."""
    header = b"IHDR" + struct.pack(">II", width, height) + png()[24:29]
    return png()[:12] + header + struct.pack(">I", zlib.crc32(header)) + png()[33:]


def grid(server: MediaServer, *tiles: bytes) -> ImagineGrid:
    links = tuple(server.put(f"/{n}.png", data) for n, data in enumerate(tiles, start=1))
    return ImagineGrid(task_id="grid", original_image_url=server.link("/sheet.png"), image_urls=links)


async def test_each_picture_is_fetched_once_whoever_asks(tmp_path: Path, server: MediaServer) -> None:
    """Neither the same gallery nor a later one asks for what is here."""
    result = grid(server, *(png(16, 8) for _ in range(4)))
    first = pictures(tmp_path)
    told: list[tuple[int, int]] = []

    assert await first.fetch([result], tell=lambda done, of: told.append((done, of))) == 4
    assert await first.fetch([result]) == 0
    later = pictures(tmp_path)
    assert await later.fetch([result]) == 0
    assert (len(server.got), first.fetched, later.fetched) == (4, 4, 4)
    assert told[-1] == (4, 4)
    shot = (await later.shots([result]))["grid"]
    assert [(file.path, file.size) for file in shot.files] == [(f"media/grid-{n}.png", (16, 8)) for n in (1, 2, 3, 4)]
    assert (shot.thumb, shot.size) == ("thumbs/grid-1234.webp", (2 * 16 + 4, 2 * 8 + 4))


async def test_one_tile_that_is_missing_leaves_a_gap(tmp_path: Path, server: MediaServer) -> None:
    """The others are shown, with the reason; a later gallery tries it again and draws the sheet anew."""
    result = grid(server, *(png(16, 8) for _ in range(4)))
    lost = server.files.pop("/3.png")
    early = pictures(tmp_path)
    await early.fetch([result])
    shot = (await early.shots([result]))["grid"]

    assert [file.n for file in shot.files if file.path is None] == [3]
    assert shot.why == "the host sent an empty file"
    assert shot.thumb == "thumbs/grid-124.webp"
    assert len(early.failures) == 1

    server.files["/3.png"] = lost
    later = pictures(tmp_path)
    assert await later.fetch([result]) == 1
    assert (await later.shots([result]))["grid"].thumb == "thumbs/grid-1234.webp"


async def test_a_damaged_picture_is_said_to_be_one(tmp_path: Path, server: MediaServer) -> None:
    """What has a picture's first bytes need not be one."""
    link = server.put("/1.png", png()[:30] + b"nothing of a picture follows")
    result = UpscaledPicture(task_id="one", image_url=link)
    made = pictures(tmp_path)
    await made.fetch([result])

    shot = (await made.shots([result]))["one"]
    assert shot.thumb is None
    assert shot.why in {"the picture cannot be read", "the picture is damaged"}


async def test_a_thumbnail_that_is_damaged_is_drawn_anew(tmp_path: Path, server: MediaServer) -> None:
    """A disk that was full may have left half of one; a link that cannot be read is a reason like any other."""
    result = UpscaledPicture(task_id="one", image_url=server.put("/1.png", png(16, 8)))
    odd = UpscaledPicture(task_id="odd", image_url="http://[odd")
    early = pictures(tmp_path)
    await early.fetch([result, odd])
    shots = await early.shots([result, odd])
    assert shots["odd"].why
    thumb = anyio.Path(tmp_path / str(shots["one"].thumb))
    await thumb.write_bytes(b"RIFF")

    later = pictures(tmp_path)
    await later.fetch([result])
    assert (await later.shots([result]))["one"].size == (16, 8)
    assert len(await thumb.read_bytes()) > 4


async def test_videos_have_players_and_need_no_thumbnail(tmp_path: Path, server: MediaServer) -> None:
    """Pillow does not read them."""
    links = tuple(server.put(f"/{n}.mp4", MP4) for n in range(1, 5))
    result = ImagineVideos(task_id="film", video_urls=links)
    made = pictures(tmp_path)
    await made.fetch([result])

    shot = (await made.shots([result]))["film"]
    assert [(file.path, file.video) for file in shot.files] == [(f"media/film-{n}.mp4", True) for n in (1, 2, 3, 4)]
    assert (shot.thumb, shot.why) == (None, "")


async def test_a_host_that_is_gone_is_not_asked_for_every_file(tmp_path: Path) -> None:
    """A thousand pictures of a sandbox that ended must not take a thousand times the patience."""
    results: list[Result] = [
        UpscaledPicture(task_id=f"t{number}", image_url=f"{NOWHERE}/{number}.png") for number in range(AT_A_TIME + 50)
    ]
    made = Pictures(tmp_path, downloader=ONCE)
    told: list[tuple[int, int]] = []
    await made.fetch(results, tell=lambda done, of: told.append((done, of)))

    assert len(told) == AT_A_TIME
    assert len(made.failures) == len(results)
    assert set(made.failures) == {"no connection was made (ClientConnectorError)"}
    assert await made.fetch(results) == 0


async def test_a_picture_that_cannot_be_fetched_has_a_place_that_says_why(tmp_path: Path) -> None:
    """The page is written all the same."""
    outcome = await ran(elk(), tmp_path / "elk.db")
    written = await write_gallery(tmp_path / "elk.db", tmp_path / "out", downloader=ONCE)

    page = Links(await anyio.Path(written.page).read_text())
    assert page.of("img") == []
    assert page.texts.count("no connection was made (ClientConnectorError)") >= len(outcome.finished)
    assert written.pictures == 0
    assert len(written.failures) == sum(len(row.result.urls) for row in outcome.finished)


async def test_a_run_of_the_sandbox_has_all_of_its_pictures(tmp_path: Path) -> None:
    """From a real journal over real sockets to files, without a fake between."""
    async with Sandbox(task_seconds=0.01, api_key=KEY) as box:
        async with OverHttp(box).client() as journey:
            graph = elk()
            outcome = await journey.run(graph, journal=tmp_path / "elk.db")
        written = await write_gallery(tmp_path / "elk.db", tmp_path / "out", downloader=downloader())

    assert written.failures == ()
    assert written.pictures == sum(len(row.result.urls) for row in outcome.finished)
    assert len(Links(await anyio.Path(written.page).read_text()).of("img")) == len(outcome.finished)


async def test_another_page_is_not_written_over(tmp_path: Path) -> None:
    """Neither is a file taken for a folder; a gallery of ours is written anew."""
    await ran(elk(), tmp_path / "elk.db")
    site = anyio.Path(tmp_path / "site")
    await site.mkdir()
    await (site / "index.html").write_text("<h1>My own page</h1>")

    with pytest.raises(InvalidRequestError, match="is not a gallery: name another folder"):
        await write_gallery(tmp_path / "elk.db", tmp_path / "site", downloader=ONCE)
    with pytest.raises(InvalidRequestError, match="is not a folder"):
        await write_gallery(tmp_path / "elk.db", tmp_path / "elk.db", downloader=ONCE)
    assert await (site / "index.html").read_text() == "<h1>My own page</h1>"
    await (site / "index.html").unlink()
    for _ in range(2):
        await write_gallery(tmp_path / "elk.db", tmp_path / "site", downloader=ONCE)


async def test_the_journal_is_only_read(tmp_path: Path) -> None:
    """Not a byte of it changes, and nothing appears beside it."""
    outcome = await ran(elk(), tmp_path / "elk.db")
    put_pictures(outcome, tmp_path / "out")
    journal = anyio.Path(tmp_path / "elk.db")
    before = await journal.read_bytes(), (await journal.stat()).st_mtime_ns, sorted(os.listdir(tmp_path))  # noqa: PTH208
    await write_gallery(tmp_path / "elk.db", tmp_path / "out", downloader=ONCE)

    assert (await journal.read_bytes(), (await journal.stat()).st_mtime_ns, sorted(os.listdir(tmp_path))) == before  # noqa: PTH208


def test_thumbnails_are_upright_small_and_whole(tmp_path: Path) -> None:
    """A camera's picture that lies on its side is turned; transparency stays."""
    camera = Image.new("RGB", (2000, 1000), "teal")
    exif = camera.getexif()
    exif[0x0112] = 6
    camera.save(tmp_path / "camera.jpg", exif=exif)
    Image.new("RGBA", (40, 20)).save(tmp_path / "clear.png")

    assert picture_size(tmp_path / "camera.jpg") == (1000, 2000)
    assert draw_thumbnail([tmp_path / "camera.jpg"], tmp_path / "deep" / "small.webp") == (256, 512)
    assert draw_thumbnail([tmp_path / "clear.png"], tmp_path / "clear.webp") == (40, 20)
    with Image.open(tmp_path / "clear.webp") as small:
        assert small.mode == "RGBA"
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["small.webp"]


@pytest.mark.parametrize("data", [b"", b"%!PS-Adobe-3.0 EPSF-3.0", claiming(30_000, 30_000)])
def test_what_is_no_picture_of_ours_is_not_opened(tmp_path: Path, data: bytes) -> None:
    """Nothing, a program for a printer, and a picture that claims to have 900 million pixels."""
    (tmp_path / "it.png").write_bytes(data)

    with pytest.raises(UnreadablePictureError):
        picture_size(tmp_path / "it.png")
    with pytest.raises(UnreadablePictureError):
        draw_thumbnail([tmp_path / "it.png"], tmp_path / "small.webp")
    with pytest.raises(UnreadablePictureError):
        draw_thumbnail([None] * 4, tmp_path / "small.webp")


@given(st.text(), st.text())
def test_names_of_files_differ_as_the_ids_do(one: str, other: str) -> None:
    """Also where case does not count; and no id leads out of the folder."""
    assert (stem_of(one) == stem_of(other)) is (one == other)
    assert stem_of(one) == stem_of(one).lower()
    assert set(stem_of(one)) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
