"""Journals of small runs to look at, and pictures for them that need no network."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any, Final

from PIL import Image

from journey_async.core.retrying import RetryPolicy
from journey_async.downloads import Downloader
from journey_async.gallery.pictures import MEDIA, stem_of
from journey_async.graph import TaskGraph
from tests.client.services import InProcess

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from journey_async.core.outcome import Outcome

PROMPT: Final = "an elk in a misty forest --ar 16:9"
NASTY: Final = '</script><script>document.title="owned"</script><img src=x onerror="document.title=\'owned\'">&amp;\'"'
SECRET: Final = "canary-of-a-webhook-secret"
NOWHERE: Final = "http://127.0.0.1:1/media"
"""Where nothing listens."""
ONCE: Final = Downloader(retry=RetryPolicy(first=0.001, longest=0.002, patience=0.0), proxy="")
COLOURS: Final = ("#2d6a6a", "#b5654a", "#44507a", "#7a8f3c")


async def ran(
    graph: TaskGraph, journal: Path, *, faults: Iterable[str] = (), media_url: str = NOWHERE, **options: Any
) -> Outcome:
    """Run *graph* against a world whose pictures are at *media_url*."""
    given: dict[str, Any] = {"task_seconds": 0.001, "credits": 100_000, "plan": "growth", **options}
    service = InProcess(**given)
    service.world.media_url = media_url
    service.set_faults(faults)
    async with service.client() as journey:
        return await journey.run(graph, journal=journal)


def elk() -> TaskGraph:
    """Draw a tree in which things go well, a root that fails, and a request that comes into doubt (see `FAULTS`)."""
    graph = TaskGraph()
    grid = graph.imagine(PROMPT, key="elk")
    two = graph.upscale_1x(grid, index=2, key="two")
    graph.pan(two, direction="left", key="left")
    graph.upscale_alt(two, type="creative", key="large")
    again = graph.reroll(grid, key="again")
    graph.upscale_1x(again, index=1, key="again-1")
    knight = graph.imagine("a knight [sandbox:fail=Banned prompt: knight]", key="knight")
    graph.upscale_1x(knight, index=1, key="knight-1")
    graph.imagine(NASTY, key="nasty", webhook_url="https://example.com/hook?token=canary-token", webhook_secret=SECRET)
    return graph


FAULTS: Final = ("lost-reply:reroll:1",)


def put_pictures(outcome: Outcome, folder: Path) -> None:
    """Lay plain pictures where the gallery keeps those of *outcome*."""
    media = folder / MEDIA
    media.mkdir(parents=True, exist_ok=True)
    for row in outcome.finished:
        for n in range(1, len(row.result.urls) + 1):
            Image.new("RGB", (320, 180), COLOURS[n - 1]).save(media / f"{stem_of(row.task_id)}-{n}.png")


class Links(HTMLParser):
    """Reads a page: its tags in balance, its text, and what it refers to."""

    VOID: Final = frozenset({"meta", "link", "img", "input", "br"})

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.texts: list[str] = []
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    @property
    def targets(self) -> set[str]:
        """Everything that the page refers to, without places in itself."""
        values = (attrs.get(name) for _, attrs in self.tags for name in ("src", "href", "poster", "data", "action"))
        return {value for value in values if value and not value.startswith("#")}

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.tags if name == tag]

    @property
    def cards(self) -> dict[str, dict[str, str | None]]:
        return {str(card["data-key"]): card for card in self.of("article")}
