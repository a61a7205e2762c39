"""The signatures of the verbs against the table of rules: what a type checker refuses is what the table refuses."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, Literal, TypeVar, get_args, get_origin, get_overloads, get_type_hints

import pytest

from journey_async.client import JourneyClient
from journey_async.core import actions
from journey_async.core.actions import ACTIONS, Action
from journey_async.core.checks import INDEXES, RATIOS, STRENGTHS
from journey_async.core.kinds import Kind, Picture, Result
from journey_async.core.models import MIDJOURNEY, MODELS, PictureModel
from journey_async.core.rules import RULES, Rule
from journey_async.task import Task
from journey_async.verbs import Options

if TYPE_CHECKING:
    from collections.abc import Callable

    Verb = Callable[..., Any]


def verb(action: type[Action] | str) -> Verb:
    name = action if isinstance(action, str) else action.name
    found: Verb = getattr(JourneyClient, name.replace("-", "_"))
    return found


def signatures(action: str) -> list[Verb]:
    """Give what type checkers see of a verb: its overloads, or itself."""
    return list(get_overloads(verb(action))) or [verb(action)]


def hints(signature: Verb) -> dict[str, Any]:
    # The names of plain arguments' types are there for type checkers alone; those of the kinds are there at run time.
    return get_type_hints(signature, localns=vars(actions))


def kinds_in(annotation: object) -> set[Any]:
    """Give the K of each `Task[K]` in an annotation."""
    members = get_args(annotation) if get_origin(annotation) is not Task else (annotation,)
    return {get_args(member)[0] for member in members if get_origin(member) is Task}


def shape(signature: Verb) -> tuple[frozenset[Any], Any, bool]:
    """Give the kinds of parent that a signature takes, the kind it gives, and whether an id will do as parent."""
    annotations = hints(signature)
    parent = annotations.get("parent")
    (gives,) = kinds_in(annotations["return"])
    return frozenset(kinds_in(parent)), gives, str in get_args(parent)


def rows(action: str) -> list[Rule]:
    return [rule for rule in RULES.values() if rule.action == action]


VERBS = pytest.mark.parametrize("action", ACTIONS)


@VERBS
def test_the_parents_and_the_result_of_a_verb_are_those_of_its_rules(action: str) -> None:
    typed = {shape(signature) for signature in signatures(action)}
    # A model of which this version does not know gives a task of unknown kind.
    unknown = {(frozenset[Any](), Any, False)} if action == "imagine" else set[Any]()

    assert typed == {(frozenset(rule.needs), rule.gives, bool(rule.needs)) for rule in rows(action)} | unknown


@VERBS
def test_each_rule_has_one_signature_of_its_own(action: str) -> None:
    assert len(signatures(action)) == len(rows(action)) + (1 if action == "imagine" else 0)


@VERBS
def test_the_arguments_of_a_verb_are_the_fields_of_its_action(action: str) -> None:
    parameters = inspect.signature(verb(action)).parameters
    documented = ACTIONS[action].documented() - {ACTIONS[action].parent_field}

    assert {*parameters, *Options.__annotations__} - {"self", "parent", "options"} == documented | {"extra"}
    assert ("parent" in parameters) is (ACTIONS[action].parent_field is not None)


@VERBS
def test_no_overload_offers_an_argument_that_its_verb_does_not_take(action: str) -> None:
    whole = inspect.signature(verb(action)).parameters

    for signature in signatures(action):
        for name, parameter in inspect.signature(signature).parameters.items():
            assert parameter.kind is whole[name].kind, name


@VERBS
def test_every_verb_takes_the_options_that_every_endpoint_has(action: str) -> None:
    for signature in signatures(action):
        parameters = list(inspect.signature(signature).parameters.values())
        assert parameters[-1].kind is inspect.Parameter.VAR_KEYWORD
        assert Options in get_args(hints(signature)["options"])


@VERBS
def test_what_an_action_requires_a_verb_requires_too(action: str) -> None:
    required = {
        name
        for name, parameter in inspect.signature(verb(action)).parameters.items()
        if parameter.default is parameter.empty and name not in {"self", "parent", "options"}
    }

    assert required == set(ACTIONS[action].required) - {"model"}


@VERBS
def test_every_verb_says_where_it_is_documented_or_that_it_is_not(action: str) -> None:
    documentation = inspect.getdoc(verb(action)) or ""
    unread = {"inpaint": "could not be read", "outpaint": "could not be read", "seed": "Unconfirmed"}

    assert unread.get(action, f"https://journeyapi.co/docs/{action}") in documentation


@pytest.mark.parametrize("action", [name for name in ACTIONS if name != "imagine"])
def test_every_verb_says_what_it_costs(action: str) -> None:
    assert f"{ACTIONS[action].price} credits" in (inspect.getdoc(verb(action)) or "")


def test_an_imagine_gives_a_grid_by_default_a_picture_of_a_known_model_and_otherwise_something() -> None:
    by_model = {hints(signature)["model"]: shape(signature)[1] for signature in signatures("imagine")}
    expected: dict[Any, Any] = {
        Literal["midjourney"]: RULES["imagine"].gives,
        PictureModel: RULES["imagine with another model"].gives,
        str: Any,
    }

    assert by_model == expected


def test_the_literals_are_what_the_checks_allow() -> None:
    assert {str(index) for index in get_args(actions.Index)} == set(INDEXES)
    assert get_args(actions.Strength) == STRENGTHS
    assert get_args(actions.AspectRatio) == RATIOS
    assert {MIDJOURNEY, *get_args(PictureModel)} == set(MODELS)


@pytest.mark.parametrize(
    ("action", "argument"),
    [
        ("upscale-alt", "type"),
        ("upscale-2x-4x", "type"),
        ("pan", "direction"),
        ("blend", "dimension"),
        ("imagine-video", "motion"),
        ("extend-video", "motion"),
        ("imagine", "output_format"),
        ("imagine", "resolution"),
    ],
)
def test_every_choice_that_is_typed_is_allowed_and_every_allowed_one_typed(action: str, argument: str) -> None:
    checks = {**ACTIONS[action].required, **ACTIONS[action].optional}
    annotation = next(
        found for signature in signatures(action) if (found := hints(signature).get(argument)) is not None
    )
    typed = {value for value in literals(annotation) if value is not None}
    fault = checks[argument](argument, "none of them")

    assert fault is not None
    assert fault.message == f"{argument} is unknown: use {', '.join(sorted(typed, key=fault.message.index))}"
    assert [value for value in typed if checks[argument](argument, value) is not None] == []


def literals(annotation: object) -> list[Any]:
    if get_origin(annotation) is Literal:
        return list(get_args(annotation))
    return [value for member in get_args(annotation) for value in literals(member)]


def test_a_task_of_a_narrower_kind_is_a_task_of_the_wider_one_for_type_checkers() -> None:
    parameters: tuple[object, ...] = vars(Task)["__parameters__"]
    (parameter,) = parameters

    assert isinstance(parameter, TypeVar)
    assert parameter.__covariant__
    assert parameter.__bound__ is Result


def test_the_kinds_that_no_signature_names_have_no_verb_to_follow_them() -> None:
    named: set[Kind] = {kind for action in ACTIONS for signature in signatures(action) for kind in shape(signature)[0]}

    assert not any(issubclass(Picture, kind) for kind in named)
