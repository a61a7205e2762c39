"""A gallery of a thousand nodes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio
import anyio.to_thread

from journey_async.gallery import write_gallery
from journey_async.graph import TaskGraph
from tests.gallery.runs import ONCE, Links, put_pictures, ran

if TYPE_CHECKING:
    from pathlib import Path

NODES = 1000


async def test_a_thousand_nodes_make_a_page_of_reasonable_size(tmp_path: Path) -> None:
    """A few thousand bytes for each node, every node once, and its thumbnail small."""
    graph = TaskGraph()
    for number in range(NODES // 4):
        grid = graph.imagine(f"a tree, number {number}, in the evening sun --ar 16:9", key=f"t{number}")
        for index in (1, 2, 3):
            graph.upscale_1x(grid, index=index, key=f"t{number}-{index}")
    outcome = await ran(graph, tmp_path / "large.db", task_seconds=0.0, plan="enterprise")
    await anyio.to_thread.run_sync(put_pictures, outcome, tmp_path / "out")

    written = await write_gallery(tmp_path / "large.db", tmp_path / "out", downloader=ONCE)
    text = await anyio.Path(written.page).read_text()
    page = Links(text)
    assert len(page.cards) == NODES
    assert len(page.of("img")) == NODES
    assert len(text) < 3000 * NODES
    assert written.failures == ()
