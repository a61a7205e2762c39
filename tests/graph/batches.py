"""Strategies: graphs that a world can really run, with choices and with tasks that it knows already."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from attrs import frozen
from hypothesis import strategies as st

from journey_async import TaskGraph
from journey_async.core import kinds
from journey_async.core.rules import RULES, Rule
from journey_async.sandbox import World
from tests.graph.chance import call
from tests.sandbox.asking import Caller

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn

    from journey_async import Node

CHOOSABLE: Final = (
    "upscale-1x",
    "variations",
    "variations strong or subtle",
    "upscale-2x-4x of a tile",
    "extend-video",
)
"""The rules whose index a function may choose."""
ROOTS: Final = ("imagine", "imagine", "imagine", "imagine with another model", "imagine-video", "blend", "describe")
PROMPTS: Final = ("an elk", "a bear")
SYNCHRONOUS: Final = "z-image"


async def choose(result: kinds.Result) -> int | str | None:
    """Choose a tile; in the simulation nobody calls it."""
    raise NotImplementedError


@frozen(kw_only=True)
class Batch:
    """A graph, and a world that knows the tasks which exist already."""

    world: World
    graph: TaskGraph
    slots: int
    now: float


@st.composite
def batches(draw: DrawFn, *, largest: int = 10) -> Batch:
    """Make small graphs with what a run has to cope with: twins, choices, existing tasks of known and unknown kind."""
    slots = draw(st.integers(1, 4))
    caller = Caller(World(credits=10_000, slots=slots, seed=draw(st.integers(0, 99))))
    graph = TaskGraph()
    for number in range(draw(st.integers(1, largest) | st.just(largest))):
        places: list[tuple[Rule, Node[Any] | None]] = [(RULES[name], None) for name in ROOTS]
        below: list[tuple[Rule, Node[Any]]] = [
            (rule, node) for node in graph for rule in RULES.values() if rule.parents and _fits(rule, node.kind)
        ]
        # Mostly deeper rather than wider.
        rule, parent = draw(st.sampled_from(places + below * 3))
        if parent is None and draw(st.integers(0, 5)) == 0:
            _existing(draw, caller, graph)
        else:
            key = draw(st.sampled_from([None, f"node {number}"]))
            call(graph, rule, parent, key=key, **_more(draw, rule))
    return Batch(world=caller.world, graph=graph, slots=slots, now=caller.now)


def _fits(rule: Rule, kind: kinds.Kind) -> bool:
    return kind is kinds.Result or rule.accepts(kind) is not None


def _more(draw: DrawFn, rule: Rule) -> dict[str, Any]:
    if rule.name in CHOOSABLE and draw(st.booleans()):
        return {"index": choose}
    if rule.name == "imagine":
        return {"prompt": draw(st.sampled_from(PROMPTS))}
    if rule.name == "imagine with another model":
        return {"model": draw(st.sampled_from(["flux-pro", SYNCHRONOUS]))}
    return {}


def _existing(draw: DrawFn, caller: Caller, graph: TaskGraph) -> None:
    made = draw(st.sampled_from([kinds.ImagineGrid, kinds.UpscaledPicture, kinds.ImagineVideos, kinds.Description]))
    if draw(st.booleans()):
        graph.existing(caller.task(made), kind=made)
    else:
        graph.existing(caller.task(made))
