"""A gallery shows what users and the service wrote as text, and its page asks nobody on the network for anything."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

import pytest
from anyio import to_thread

from journey_async import TaskGraph
from journey_async.gallery import write_gallery
from journey_async.gallery.page import POLICY
from tests.gallery.runs import NASTY, ONCE, Links, ran

if TYPE_CHECKING:
    from pathlib import Path

HOSTILE = (NASTY, "javascript:alert(1)", "=HYPERLINK(1)", "{{ 7 * 7 }}", "</title><script>alert(1)", "\u202e<b>")
WORDS = "<img src=x onerror=alert(1)> javascript:alert(1) </script>"


async def hostile(folder: Path, media_url: str) -> list[Links]:
    """Make the gallery of a run whose prompts, keys, error words and links are all hostile, and read its pages."""
    graph = TaskGraph()
    for number, words in enumerate(HOSTILE):
        graph.imagine(words, key=f"{number} {words}"[:200])
    graph.imagine(f"[sandbox:fail={WORDS}]", key="fails")
    await ran(graph, folder / 'x"><script>.db', media_url=media_url)
    await write_gallery(folder / 'x"><script>.db', folder / "site", downloader=ONCE)
    return await to_thread.run_sync(read, folder / "site")


def read(site: Path) -> list[Links]:
    return [Links(path.read_text(encoding="utf-8")) for path in site.rglob("*.html")]


@pytest.mark.parametrize("media_url", ["http://127.0.0.1:1/media", 'http://127.0.0.1:1/"><script>alert(1)</script>'])
async def test_nothing_hostile_becomes_markup_a_link_or_a_request(media_url: str, tmp_path: Path) -> None:
    """Every reference is to a file of the gallery's own folder; every script and handler is its own."""
    pages = await hostile(tmp_path, media_url)

    assert pages
    for page in pages:
        for _, attributes in page.tags:
            assert not [name for name in attributes if name.startswith("on")]
            for name in ("src", "href", "poster", "srcset", "action", "formaction", "data"):
                link = attributes.get(name) or ""
                assert not re.match(r"\s*[a-z][a-z0-9+.-]*:|//", link, re.IGNORECASE)
        scripts = page.of("script")
        assert all(attributes.get("src") for attributes in scripts)
        policies = [attributes.get("content") for _, attributes in page.tags if "http-equiv" in attributes]
        assert policies == [POLICY]
        assert any("onerror=alert(1)" in text for text in page.texts)


async def test_no_name_of_a_file_in_a_gallery_is_a_users_words(tmp_path: Path) -> None:
    """Whatever prompts and keys are, the folder holds plain names."""
    await hostile(tmp_path, "http://127.0.0.1:1/media")

    names = [name for _, folders, files in os.walk(tmp_path / "site") for name in (*folders, *files)]
    assert names
    assert [name for name in names if not re.fullmatch(r"[\w.-]+", name)] == []
