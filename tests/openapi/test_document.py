"""The document is an OpenAPI 3.1 description, whole, and made of the same tables that the package goes by."""

from __future__ import annotations

import json
from inspect import getclosurevars
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from journey_async.configuration import BASE_URL
from journey_async.core import kinds
from journey_async.core.actions import ACTIONS
from journey_async.core.models import MIDJOURNEY, MODELS
from journey_async.core.openapi import openapi
from journey_async.core.openapi_replies import SHAPES, TASK_TYPES
from journey_async.core.openapi_requests import UNREAD
from journey_async.core.rules import RULES
from tests.openapi.schemas import DOCUMENT, JSON, request_of, validator
from tests.openapi.shipping import SHIPPED, written

if TYPE_CHECKING:
    from collections.abc import Iterator

    from journey_async.core.rules import Rule

SCHEMAS: JSON = DOCUMENT["components"]["schemas"]
OPERATIONS: JSON = {path: next(iter(item.values())) for path, item in DOCUMENT["paths"].items()}
FREE = {"/fetch", "/fetch-many", "/account"}


def fixed_sets() -> Iterator[tuple[str, str, list[str]]]:
    """Give each field that takes values out of a fixed set, with what its check allows."""
    for name, action in ACTIONS.items():
        for field, check in {**action.required, **action.optional}.items():
            allowed = getclosurevars(check).nonlocals.get("allowed")
            if allowed is not None:
                yield name, field, list(allowed)


def test_the_document_is_valid_openapi() -> None:
    OpenAPIV31SpecValidator(DOCUMENT).validate()


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_schema_is_a_json_schema(name: str) -> None:
    Draft202012Validator.check_schema(SCHEMAS[name])


def test_the_shipped_file_is_fresh() -> None:
    assert SHIPPED.read_text("utf-8") == written(), "run python -m tests.openapi.shipping"


def test_the_document_is_json_and_each_call_gives_its_own() -> None:
    changed: JSON = openapi()
    changed["paths"]["/imagine"]["post"]["description"] = "changed"
    changed["components"]["schemas"]["PanRequest"]["properties"]["direction"]["enum"].append("inwards")

    assert json.loads(json.dumps(openapi())) == openapi() == DOCUMENT
    assert openapi() != changed


def test_every_endpoint_is_described_and_no_other() -> None:
    assert set(OPERATIONS) == {f"/{name}" for name in ACTIONS} | FREE
    assert {path for path, item in DOCUMENT["paths"].items() if list(item) != ["post"]} == {"/account"}


def test_the_server_is_the_one_that_the_client_talks_to() -> None:
    assert DOCUMENT["servers"] == [{"url": BASE_URL}]


def test_every_call_needs_the_key_as_it_is() -> None:
    scheme = DOCUMENT["components"]["securitySchemes"]["key"]

    assert DOCUMENT["security"] == [{"key": []}]
    assert (scheme["type"], scheme["in"], scheme["name"]) == ("apiKey", "header", "Authorization")
    assert all("security" not in operation for operation in OPERATIONS.values())


@pytest.mark.parametrize("name", ACTIONS)
def test_what_an_action_costs_is_said_in_numbers_and_in_words(name: str) -> None:
    operation = OPERATIONS[f"/{name}"]
    if name == "imagine":
        assert operation["x-credits"] == {model.id: model.credits for model in MODELS.values()}
        assert operation["description"].startswith("Costs 1 to 8 credits, by model.")
    else:
        assert operation["x-credits"] == ACTIONS[name].price
        assert operation["description"].startswith(f"Costs {ACTIONS[name].price} credits.")


@pytest.mark.parametrize("path", sorted(FREE))
def test_questions_are_free(path: str) -> None:
    assert OPERATIONS[path]["x-credits"] == 0
    assert "402" not in OPERATIONS[path]["responses"]


@pytest.mark.parametrize("path", OPERATIONS)
def test_every_published_refusal_is_described(path: str) -> None:
    paid = {"400", "401", "402", "429", "500"}
    expected = {"/account": paid - {"400", "402"}}.get(path, paid - {"402"} if path in FREE else paid)

    assert set(OPERATIONS[path]["responses"]) == {"200", *expected}


@pytest.mark.parametrize("name", ACTIONS)
def test_the_parents_are_those_of_the_rules(name: str) -> None:
    expected = {
        rule.name: {kind.label: evidence for kind, evidence in rule.parents.items()}
        for rule in RULES.values()
        if rule.action == name and rule.parents
    }

    assert OPERATIONS[f"/{name}"]["x-parents"] == expected


@pytest.mark.parametrize("name", ACTIONS)
def test_every_field_of_an_action_is_described_with_words(name: str) -> None:
    properties = SCHEMAS[request_of(name)]["properties"]

    assert set(properties) == ACTIONS[name].documented()
    assert all(schema["description"].endswith(".") for schema in properties.values())


@pytest.mark.parametrize(("name", "field", "allowed"), list(fixed_sets()))
def test_values_out_of_a_fixed_set_are_those_of_the_check(name: str, field: str, allowed: list[str]) -> None:
    assert SCHEMAS[request_of(name)]["properties"][field]["enum"] == allowed


def test_the_model_may_be_left_out() -> None:
    schema = SCHEMAS["ImagineRequest"]

    assert schema["required"] == ["prompt"]
    assert schema["properties"]["model"]["default"] == MIDJOURNEY


@pytest.mark.parametrize("name", UNREAD)
def test_fields_whose_page_could_not_be_read_say_so(name: str) -> None:
    properties = dict(SCHEMAS[request_of(name)]["properties"])
    del properties["webhook_url"], properties["webhook_secret"]

    assert OPERATIONS[f"/{name}"]["x-unconfirmed"] == UNREAD[name]
    assert {schema["x-unconfirmed"] for schema in properties.values()} == {UNREAD[name]}


def test_no_other_endpoint_is_unconfirmed() -> None:
    assert {path for path, operation in OPERATIONS.items() if "x-unconfirmed" in operation} == {f"/{n}" for n in UNREAD}


@pytest.mark.parametrize("name", SHAPES)
def test_finished_tasks_have_what_results_of_their_kind_are_made_of(name: str) -> None:
    kind, schema = SHAPES[name], SCHEMAS[name]
    common = {"task_id", "task_type", "model", "status", "percentage"}

    assert set(schema["properties"]) == {*common, *kind.fields, *kind.also}
    assert schema["required"] == ["task_id", "task_type", "status", *kind.fields]


@pytest.mark.parametrize("rule", list(RULES.values()), ids=lambda rule: rule.name)
@given(data=st.data())
@settings(max_examples=20)
def test_tasks_are_called_what_the_client_knows_them_by(rule: Rule, data: st.DataObject) -> None:
    task_type = data.draw(st.from_regex(TASK_TYPES.get(rule.name, rule.name), fullmatch=True))
    model = MIDJOURNEY if rule.gives is not kinds.Picture else "z-image"
    schema = next(SCHEMAS[name] for name, kind in SHAPES.items() if issubclass(rule.gives, kind))

    assert kinds.kind_of({"task_type": task_type, "model": model}) is rule.gives
    assert validator(schema["properties"]["task_type"]).is_valid(task_type)
