"""A graph as a drawing: whatever is written in it, its structure stands."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from journey_async import TaskGraph
from tests.graph import chance

if TYPE_CHECKING:
    from journey_async import Grid

LABEL = r"(?:[\w .,/=+-]|#[0-9]+;|<br/>)*"
LINE = re.compile(rf'    (?:n[0-9]+\["{LABEL}"\]|n[0-9]+\(\["{LABEL}"\]\)|n[0-9]+ (?:-->|-\.->\|a choice\|) n[0-9]+)')
HOSTILE = (
    'elk"] --> n0["x',
    "%%{init: {'theme': 'dark'}}%% elk",
    "<script>alert(1)</script><br/>",
    "end\nn0 --> n1\nclick n0 href",
    "style n0 fill:#f00;",
    "`elk` **bold** [link](javascript:x) #quot; &lt; $$x$$ ~~~",
    "subgraph }}])>|\\|",
)


async def best(grid: Grid) -> int:
    return len(grid.image_urls)


def unescaped(text: str) -> str:
    return re.sub(r"#([0-9]+);", lambda found: chr(int(found[1])), text)


def test_a_graph_is_drawn_with_its_keys_actions_and_choices() -> None:
    graph = TaskGraph()
    grid = graph.imagine('an elk -- at "dawn"', key="grid")
    graph.upscale_1x(grid, index=best, key="tile")
    graph.upscale_1x(grid, index=2)
    graph.pan(graph.existing("t-1"), direction="left")

    assert graph.to_mermaid() == (
        "flowchart TD\n"
        '    n0["grid<br/>imagine<br/>an elk -- at #34;dawn#34;, midjourney"]\n'
        '    n1["tile<br/>upscale-1x"]\n'
        "    n0 -.->|a choice| n1\n"
        '    n2["upscale-1x-1<br/>upscale-1x 2"]\n'
        "    n0 --> n2\n"
        '    n3(["existing-1<br/>task t-1"])\n'
        '    n4["pan-1<br/>pan<br/>left"]\n'
        "    n3 --> n4"
    )


@given(chance.graphs())
def test_every_line_of_a_drawing_is_a_node_or_an_edge(graph: TaskGraph) -> None:
    first, *rest = graph.to_mermaid().split("\n")

    assert first == "flowchart TD"
    assert [line for line in rest if not LINE.fullmatch(line)] == []
    assert sum('["' in line for line in rest) == len(graph)
    assert len(rest) == len(graph) + len(graph) - len(graph.roots)


@given(st.text(max_size=59).filter(str.strip) | st.sampled_from(HOSTILE))
def test_a_hostile_prompt_is_drawn_as_what_it_is(prompt: str) -> None:
    graph = TaskGraph()
    graph.imagine(prompt, model="flux-pro", key="a")
    (line,) = graph.to_mermaid().split("\n")[1:]

    assert LINE.fullmatch(line)
    shown = line.removeprefix('    n0["a<br/>imagine<br/>').removesuffix('"]')
    words = " ".join(f"{prompt}, flux-pro".split())
    assert unescaped(shown) == (words if len(words) <= 60 else words[:59] + "…")


def test_a_long_prompt_is_shortened() -> None:
    graph = TaskGraph()
    graph.imagine("elk " * 1000)

    assert len(graph.to_mermaid()) < 150
