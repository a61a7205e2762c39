"""Strategies: legal graphs of any shape, and texts that were meant to be files of them."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from journey_async import TaskGraph
from journey_async.core.kinds import Kind, Result
from journey_async.core.nodes import KINDS
from journey_async.core.rules import RULES, Rule
from tests.core import chance
from tests.pictures import PNG

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn, SearchStrategy

    from journey_async import Node

URL = "https://example.com/photo.jpg"
# One valid call per rule, with its required arguments alone; the first argument is the one without a name.
LEAST: dict[str, dict[str, Any]] = {
    "imagine": {"prompt": "an elk"},
    "imagine with another model": {"prompt": "an elk", "model": "flux-pro"},
    "reroll": {},
    "variations": {"index": 1},
    "variations strong or subtle": {"index": "strong"},
    "upscale-1x": {"index": 2},
    "upscale-alt": {"type": "subtle"},
    "upscale-2x-4x": {"type": "2x"},
    "upscale-2x-4x of a tile": {"type": "4x", "index": 3},
    "upscale-2x-4x of a URL": {"type": "2x", "image_url": URL},
    "pan": {"direction": "left"},
    "inpaint": {"mask": PNG},
    "outpaint": {"zoom_ratio": 1.5},
    "blend": {"image_urls": [URL, URL]},
    "describe": {"image_url": URL},
    "shorten": {"prompt": "an elk, an elk"},
    "seed": {},
    "faceswap": {"target_image_url": URL, "swap_image_url": URL},
    "imagine-video": {"prompt": "it walks", "image_url": URL},
    "extend-video": {"index": 4, "prompt": "it runs"},
}
UNNAMED = {"imagine": "prompt", "imagine-video": "prompt", "shorten": "prompt", "describe": "image_url"}


def call(graph: TaskGraph, rule: Rule, parent: Node[Any] | None = None, **more: Any) -> Node[Any]:
    """Draw what a rule is about, the way a caller does."""
    named = {**LEAST[rule.name], **more}
    unnamed = [] if parent is None else [parent]
    first = {**UNNAMED, "blend": "image_urls"}.get(rule.action)
    if first is not None:
        unnamed.append(named.pop(first))
    node: Node[Any] = getattr(graph, rule.action.replace("-", "_"))(*unnamed, **named)
    return node


def prompts() -> SearchStrategy[str]:
    return st.text(min_size=1).filter(str.strip) | st.sampled_from(['say "hi" \\ {x} }}', "a\r\nb\tc\x00\x7f", "#é…"])


def keys() -> SearchStrategy[str]:
    texts = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp", "Zs")), min_size=1, max_size=6)
    return texts | st.sampled_from(["a.b", 'a"b', "a b", "elk/grid", "é", "-", "1", "imagine-2", "#", "nodes", "é'\\"])


def json_leaves(*, null: bool) -> SearchStrategy[Any]:
    leaves: SearchStrategy[Any] = st.one_of(
        st.booleans(),
        st.integers(),
        st.floats(allow_nan=False, allow_infinity=False),
        st.text(),
    )
    return leaves | st.none() if null else leaves


def extras(*, null: bool) -> SearchStrategy[dict[str, Any]]:
    values = st.recursive(
        json_leaves(null=null),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
        max_leaves=6,
    )
    return st.dictionaries(st.sampled_from(["sref", "", "a.b", 'c"d', "é", "\x01", "nested"]), values, max_size=3)


OPTIONAL: dict[str, SearchStrategy[Any]] = {
    "aspect_ratio": st.sampled_from(["1:1", "16:9"]),
    "dimension": st.sampled_from(["square", "portrait"]),
    "motion": st.sampled_from(["low", "high"]),
    "negative_prompt": st.text(max_size=20),
    "output_format": st.sampled_from(["png", "jpg"]),
    "resolution": st.sampled_from(["1K", "4K"]),
    "zoom_ratio": st.sampled_from([1, 1.5, "2", "1.50", 1.05]),
    "mask": st.just(PNG) | st.just(base64.b64encode(PNG).decode()),
    "prompt": prompts(),
    "webhook_url": st.just("https://example.com/hook"),
    "webhook_secret": st.text(st.characters(exclude_categories=("Cs", "Cc", "Z")), min_size=1).filter(
        lambda secret: secret == secret.strip()
    ),
}
TAKEN = {
    "imagine": ("aspect_ratio", "prompt"),
    "imagine with another model": ("aspect_ratio", "negative_prompt", "output_format", "resolution", "prompt"),
    "reroll": ("prompt",),
    "inpaint": ("prompt", "mask"),
    "outpaint": ("prompt", "aspect_ratio", "zoom_ratio"),
    "blend": ("dimension",),
    "imagine-video": ("motion", "prompt"),
    "extend-video": ("motion", "prompt"),
    "shorten": ("prompt",),
}


@st.composite
def graphs(draw: DrawFn, *, null: bool = False, largest: int = 8) -> TaskGraph:
    """Make legal graphs: any rule below any node that it accepts, with options, keys and tasks that exist already."""
    graph = TaskGraph()
    for _ in range(draw(st.integers(0, largest))):
        key = draw(st.none() | keys())
        if key is not None and key in graph:
            continue
        places: list[tuple[Rule, Node[Any] | None]] = [(rule, None) for rule in RULES.values() if not rule.parents]
        places += [
            (rule, node)
            for node in graph
            for rule in RULES.values()
            if rule.accepts(node.kind) or (node.kind is Result and rule.parents)
        ]
        place = draw(st.none() | st.sampled_from(places))
        if place is None:
            kind: Kind | None = draw(st.none() | st.sampled_from(list(KINDS.values())))
            graph.existing(draw(prompts()), kind=kind, key=key) if kind else graph.existing(draw(prompts()), key=key)
            continue
        rule, parent = place
        names = draw(st.sets(st.sampled_from([*TAKEN.get(rule.name, ()), "webhook_url", "webhook_secret", "extra"])))
        more = {name: draw(extras(null=null) if name == "extra" else OPTIONAL[name]) for name in names}
        call(graph, rule, parent, key=key, **more)
    return graph


def told(graph: TaskGraph) -> list[tuple[object, ...]]:
    """Tell all that a graph is, to compare it: also as text, where 1.0 is not 1."""
    return [
        (
            node.key,
            node.kind,
            node.parent.key if node.parent else None,
            node.task_id,
            node.action,
            json.dumps(node.fields, default=dict, sort_keys=True),
        )
        for node in graph
    ]


FIELDS = (
    *("action", "parent", "existing", "kind", "index", "prompt", "mask", "direction", "type", "extra", "image_urls"),
    *("model", "zoom_ratio", "image_url", "webhook_secret", "promt", ""),
)
NODE_KEYS = ("a", "b", "c", "", " ", "\n", "é")


def tables() -> SearchStrategy[dict[str, object]]:
    """Make tables that look like nodes: some right, most wrong."""
    names = st.sampled_from(["imagine", "upscale-1x", "pan", "seed", "upscale-2x-4x", "imagin"])
    parents = st.sampled_from(NODE_KEYS)
    wild = st.dictionaries(st.sampled_from(FIELDS), chance.json_values(), max_size=4)
    likely: SearchStrategy[dict[str, object]] = st.fixed_dictionaries(
        {"action": names},
        optional={
            "parent": parents,
            "index": st.sampled_from([1, 2, "3", 5]),
            "prompt": st.just("an elk"),
            "direction": st.just("up"),
            "type": st.just("2x"),
        },
    )
    return likely | wild | st.tuples(likely, wild).map(lambda both: {**both[0], **both[1]})


def documents() -> SearchStrategy[object]:
    """Make the values of JSON files: some are graphs."""
    nodes: SearchStrategy[object] = st.dictionaries(
        st.sampled_from(NODE_KEYS), tables() | chance.json_values(), max_size=5
    )
    return st.fixed_dictionaries({"nodes": nodes}) | chance.json_values()


@st.composite
def broken(draw: DrawFn, texts: SearchStrategy[str]) -> str:
    """Make texts with a piece cut out, put in twice, or replaced by something else."""
    text = draw(texts)
    start = draw(st.integers(0, len(text)))
    end = draw(st.integers(start, min(len(text), start + 20)))
    piece = draw(st.just("") | st.just(text[start:end] * 2) | st.text(max_size=3) | st.sampled_from('"{}[]=,\n\\#.'))
    return text[:start] + piece + text[end:]
