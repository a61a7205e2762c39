"""The table of rules against what the service's pages say, pair by pair."""

from __future__ import annotations

import pytest

from journey_async.core import kinds
from journey_async.core.kinds import (
    EnlargedPicture,
    ExtendedVideos,
    Grid,
    ImagineGrid,
    ImagineVideos,
    Kind,
    MidjourneyPicture,
    PanGrid,
    RerollGrid,
    Result,
    UpscaledPicture,
    VariationGrid,
    kind_of,
)
from journey_async.core.rules import RULES, Rule, refusal, remedy, steps_between
from journey_async.errors import Fault, IllegalParentError
from tests.core.published import EXPECTED, KINDS, TABLE, WRITTEN

CONCRETE = tuple(KINDS.values())
WITH_PARENT = tuple(rule for rule in RULES.values() if rule.parents)
REFUSED = [(rule, kind) for rule in WITH_PARENT for kind in CONCRETE if EXPECTED[rule.name][kind] is None]
# Where an argument is to be changed, not a step to be inserted.
SAID_OTHERWISE = [
    (RULES["variations"], UpscaledPicture),
    *((RULES["upscale-2x-4x"], kind) for kind in CONCRETE if issubclass(kind, Grid)),
    *((RULES["upscale-2x-4x of a tile"], kind) for kind in CONCRETE if issubclass(kind, MidjourneyPicture)),
]


def refused(rule: str, kind: Kind, *, parent: str = "p-1") -> IllegalParentError:
    error = refusal(RULES[rule], parent, kind)
    assert error is not None
    return error


def pair(value: object) -> str:
    return value.name if isinstance(value, Rule) else getattr(value, "__name__", str(value))


def test_the_table_of_this_test_covers_every_kind_there_is() -> None:
    every = {value for value in vars(kinds).values() if isinstance(value, type) and issubclass(value, Result)}

    assert set(CONCRETE) == every


def test_the_table_of_this_test_covers_every_rule_there_is() -> None:
    assert list(RULES) == list(TABLE)


@pytest.mark.parametrize("name", TABLE)
def test_every_rule_accepts_exactly_what_the_pages_say_on_that_evidence(name: str) -> None:
    assert {kind: RULES[name].accepts(kind) for kind in CONCRETE} == EXPECTED[name]


@pytest.mark.parametrize("name", TABLE)
def test_every_rule_gives_the_kind_that_the_service_writes(name: str) -> None:
    assert {kind_of(reply) for reply in WRITTEN[name]} == {RULES[name].gives}


@pytest.mark.parametrize("name", TABLE)
def test_every_rule_is_found_under_its_own_name_and_names_a_call_of_its_action(name: str) -> None:
    rule = RULES[name]

    assert rule.name == name
    assert rule.call.partition("(")[0] == rule.action.replace("-", "_")


@pytest.mark.parametrize(
    ("name", "needs"),
    [
        ("imagine", ()),
        ("reroll", (ImagineGrid,)),
        ("variations", (Grid,)),
        ("variations strong or subtle", (UpscaledPicture,)),
        ("upscale-1x", (Grid,)),
        ("upscale-alt", (UpscaledPicture,)),
        ("upscale-2x-4x", (MidjourneyPicture,)),
        ("upscale-2x-4x of a tile", (Grid,)),
        ("seed", (Grid, MidjourneyPicture)),
        ("extend-video", (ImagineVideos, ExtendedVideos)),
    ],
)
def test_what_a_rule_needs_is_told_without_what_it_covers_already(name: str, needs: tuple[Kind, ...]) -> None:
    assert RULES[name].needs == needs


@pytest.mark.parametrize("rule", WITH_PARENT, ids=pair)
@pytest.mark.parametrize("kind", CONCRETE, ids=pair)
def test_exactly_the_steps_that_are_legal_on_both_ends_are_proposed(rule: Rule, kind: Kind) -> None:
    between = [
        name
        for name in TABLE
        if EXPECTED[name][kind] is not None and EXPECTED[rule.name][kind_of(WRITTEN[name][0])] is not None
    ]

    assert [step.name for step in steps_between(kind, rule)] == between


@pytest.mark.parametrize("rule", WITH_PARENT, ids=pair)
def test_a_legal_parent_is_not_refused(rule: Rule) -> None:
    for kind in CONCRETE:
        assert (refusal(rule, "p-1", kind) is None) is (EXPECTED[rule.name][kind] is not None), kind


@pytest.mark.parametrize(("rule", "kind"), REFUSED, ids=pair)
def test_every_refusal_names_the_rule_the_parent_what_it_is_and_what_is_needed(rule: Rule, kind: Kind) -> None:
    error = refused(rule.name, kind, parent="p-4711")
    needs = " or ".join(needed.label for needed in rule.needs)

    assert str(error).startswith(f"{rule.name} needs {needs} as parent, task p-4711 is {kind.label}. ")
    assert str(error).endswith(" Nothing was sent.")
    assert (error.action, error.rule, error.parent, error.task_id) == (rule.action, rule.name, "p-4711", "p-4711")
    assert (error.kind, error.needs, error.remedy) == (kind.label, needs, remedy(rule, kind))
    assert error.remedy.endswith(".")
    assert error.remedy in str(error)


@pytest.mark.parametrize(("rule", "kind"), [case for case in REFUSED if case not in SAID_OTHERWISE], ids=pair)
def test_every_remedy_names_each_step_that_can_be_inserted(rule: Rule, kind: Kind) -> None:
    calls = [step.call for step in steps_between(kind, rule)]
    said = remedy(rule, kind)

    assert [call for call in calls if call not in said] == []
    assert said.startswith("Insert " if calls else "Use the task of ")


@pytest.mark.parametrize(
    ("rule", "kind", "message"),
    [
        (
            "pan",
            ImagineGrid,
            (
                "pan needs an upscale-1x picture as parent, task p-1 is an imagine grid. "
                "Insert upscale_1x(parent, index=1..4) first. Nothing was sent."
            ),
        ),
        (
            "upscale-alt",
            EnlargedPicture,
            (
                "upscale-alt needs an upscale-1x picture as parent, "
                "task p-1 is an upscale-alt or upscale-2x-4x picture. "
                "Use the task of upscale_1x(parent, index=1..4) instead. Nothing was sent."
            ),
        ),
        (
            "reroll",
            VariationGrid,
            (
                "reroll needs an imagine grid as parent, task p-1 is a variation grid. "
                "Use the task of imagine(prompt) instead. Nothing was sent."
            ),
        ),
        (
            "variations",
            UpscaledPicture,
            (
                "variations needs a Midjourney grid as parent, task p-1 is an upscale-1x picture. "
                "An upscale-1x picture takes index='strong' or index='subtle'. Nothing was sent."
            ),
        ),
        (
            "variations strong or subtle",
            RerollGrid,
            (
                "variations strong or subtle needs an upscale-1x picture as parent, task p-1 is a reroll grid. "
                "Insert upscale_1x(parent, index=1..4) first. Nothing was sent."
            ),
        ),
        (
            "upscale-2x-4x",
            PanGrid,
            (
                "upscale-2x-4x needs a Midjourney picture as parent, task p-1 is a pan grid. "
                "Say which tile of the grid with index=1..4. Nothing was sent."
            ),
        ),
        (
            "upscale-2x-4x of a tile",
            UpscaledPicture,
            (
                "upscale-2x-4x of a tile needs a Midjourney grid as parent, task p-1 is an upscale-1x picture. "
                "Leave index out: the parent is a single picture. Nothing was sent."
            ),
        ),
        (
            "extend-video",
            ImagineGrid,
            (
                "extend-video needs an imagine-video task or an extend-video task as parent, "
                "task p-1 is an imagine grid. "
                "Use the task of imagine_video(prompt, image_url=...) instead. Nothing was sent."
            ),
        ),
        (
            "upscale-1x",
            UpscaledPicture,
            (
                "upscale-1x needs a Midjourney grid as parent, task p-1 is an upscale-1x picture. "
                "Insert one of variations(parent, index='strong' or 'subtle'), "
                "pan(parent, direction='up', 'down', 'left' or 'right'), inpaint(parent, mask=...), "
                "outpaint(parent, zoom_ratio=1..2) first. Nothing was sent."
            ),
        ),
        (
            "pan",
            Result,
            (
                "pan needs an upscale-1x picture as parent, task p-1 is a task of unknown kind. "
                "Use the task of upscale_1x(parent, index=1..4) instead. Nothing was sent."
            ),
        ),
    ],
)
def test_a_refusal_says_what_to_do(rule: str, kind: Kind, message: str) -> None:
    assert str(refused(rule, kind)) == message


def test_a_refusal_tells_the_faults_of_other_arguments_too() -> None:
    fault = Fault(argument="direction", value="west", message="direction is unknown")

    error = refusal(RULES["pan"], "p-1", ImagineGrid, [fault])

    assert error is not None
    assert [(fault.argument, fault.value) for fault in error.faults] == [("direction", "west"), ("parent", "p-1")]
    assert str(error) == (
        "pan: 2 faults, nothing was sent:\n"
        "  - direction is unknown (got direction='west')\n"
        "  - pan needs an upscale-1x picture as parent, task p-1 is an imagine grid. "
        "Insert upscale_1x(parent, index=1..4) first. (got parent='p-1')"
    )
