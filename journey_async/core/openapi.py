"""The service as an OpenAPI 3.1 description, made from the tables of actions, models, rules and kinds."""

from __future__ import annotations

from copy import deepcopy
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from journey_async.core.actions import ACTIONS, Imagine
from journey_async.core.models import MODELS
from journey_async.core.openapi_replies import immediate, refer, reply_schemas
from journey_async.core.openapi_requests import UNREAD, question_bodies, request_body
from journey_async.core.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from journey_async.core.actions import Action
    from journey_async.core.openapi_requests import Schema
    from journey_async.core.rules import Rule

SERVER: Final = "https://api.journeyapi.com/api/v1"

_ABOUT: Final = """\
JourneyAPI makes pictures and videos, as its documentation at https://journeyapi.co/docs tells. This description is
not the service's own: it is made from the tables of the Python package journey-async, which follow that documentation.
What its pages do not say, or could not be read for, carries `x-unconfirmed` with the reason.

**Money.** A request that is accepted costs credits: `x-credits` says how many, for `/imagine` by model. They are taken
when the task is accepted and, as the sibling service has it, given back when the task fails. `/fetch`, `/fetch-many`
and `/account` are free. No request carries a key that would make it safe to repeat: one whose reply was lost, or that
was answered with 500, may have been accepted and paid for. 400, 401, 402 and 429 are certainly not accepted.

**Order.** Most actions follow a finished task of the same account. `x-parents` lists the kinds of task that each takes,
and whether a page says so or it is implied; the service refuses every other kind with 400.

**Waiting.** A bare `task_id` in the reply means that the task has begun: ask `/fetch` until its `status` is `finished`
or `failed`, or give a `webhook_url`. A `status` that is not listed here means that the task goes on."""

_REFUSALS: Final[Mapping[int, tuple[str, str]]] = MappingProxyType(
    {
        400: (
            "Something is wrong with the request, and everything that is wrong is told. Nothing was accepted.",
            "Errors",
        ),
        401: ("The API key is missing, wrong or revoked, or has Bearer before it. Nothing was accepted.", "Nothing"),
        402: ("Not enough credits are left. Nothing was accepted.", "Errors"),
        429: ("The plan's limit of tasks at once is reached. Nothing was accepted: try again later.", "Errors"),
        500: ("The service is at fault. Whether a task was accepted is not known.", "Nothing"),
    }
)


def openapi() -> dict[str, object]:
    """Describe the service as an OpenAPI 3.1 document, as `json.dumps` takes it; each call gives a new one."""
    return deepcopy(_document())


def _document() -> Schema:
    return {
        "openapi": "3.1.0",
        "info": {"title": "JourneyAPI", "version": "1", "summary": "Pictures and videos", "description": _ABOUT},
        "externalDocs": {"url": "https://journeyapi.co/docs"},
        "servers": [{"url": SERVER}],
        "security": [{"key": []}],
        "tags": [
            {"name": "paid", "description": "Costs credits when it is accepted."},
            {"name": "free", "description": "Costs nothing and may be repeated."},
        ],
        "paths": {**{action.path: {"post": _paid(action)} for action in ACTIONS.values()}, **_free()},
        "webhooks": {"taskEnded": {"post": _delivery()}},
        "components": {
            "securitySchemes": {
                "key": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "Authorization",
                    "description": "The API key as it is, without `Bearer`: `japi_live_…`.",
                }
            },
            "schemas": {
                **{f"{action.__name__}Request": request_body(action) for action in ACTIONS.values()},
                **question_bodies(),
                **reply_schemas(),
            },
        },
    }


def _paid(action: type[Action]) -> Schema:
    summary, _, page = (action.__doc__ or "").partition(" https://")
    unconfirmed = {"x-unconfirmed": UNREAD[action.name]} if action.name in UNREAD else {}
    return {
        "operationId": action.name.replace("-", "_"),
        "tags": ["paid"],
        "summary": summary.partition(". ")[0].rstrip("."),
        "description": _told(action),
        "requestBody": _json(refer(f"{action.__name__}Request"), required=True),
        "responses": _responses(
            "Accepted: the credits are taken.",
            immediate(action.name),
            (400, 401, 402, 429, 500),
        ),
        "x-credits": _price(action),
        "x-parents": {rule.name: _parents(rule) for rule in _rules(action) if rule.parents},
        **({"externalDocs": {"url": f"https://{page.rstrip('.')}"}} if page else {}),
        **unconfirmed,
    }


def _told(action: type[Action]) -> str:
    """Say in words what an action costs, which tasks it may follow and what it gives."""
    price = _price(action)
    if isinstance(price, int):
        cost = f"Costs {price} credits."
    else:
        every = sorted(set(price.values()))
        by_price = (f"{each}: {', '.join(name for name in price if price[name] == each)}" for each in every)
        cost = f"Costs {every[0]} to {every[-1]} credits, by model. {'; '.join(by_price)}."
    said = [cost, *([UNREAD[action.name]] if action.name in UNREAD else [])]
    for rule in _rules(action):
        gives = f"gives {rule.gives.label}"
        follows = f"follows {' or '.join(kind.label for kind in rule.needs)} and " if rule.parents else ""
        said.append(f"`{rule.name}` {follows}{gives}.")
    return "\n\n".join(said)


def _price(action: type[Action]) -> int | dict[str, int]:
    return {model.id: model.credits for model in MODELS.values()} if action is Imagine else action.price


def _rules(action: type[Action]) -> list[Rule]:
    return [rule for rule in RULES.values() if rule.action == action.name]


def _parents(rule: Rule) -> dict[str, str]:
    return {kind.label: evidence for kind, evidence in rule.parents.items()}


def _free() -> dict[str, Schema]:
    refusals = (400, 401, 429, 500)
    fetch = _question("fetch", "Ask how one task is doing", "Task", refusals)
    fetch_many = _question("fetch_many", "Ask how 2 to 20 tasks are doing", "Tasks", refusals)
    return {
        "/fetch": {"post": {**fetch, "requestBody": _json(refer("FetchRequest"), required=True)}},
        "/fetch-many": {"post": {**fetch_many, "requestBody": _json(refer("FetchManyRequest"), required=True)}},
        "/account": {"get": _question("account", "Ask what is left on the account", "Account", (401, 429, 500))},
    }


def _question(name: str, summary: str, reply: str, refusals: tuple[int, ...]) -> Schema:
    return {
        "operationId": name,
        "tags": ["free"],
        "summary": summary,
        "description": "Costs no credits.",
        "responses": _responses("The answer.", refer(reply), refusals),
        "x-credits": 0,
        "externalDocs": {"url": f"https://journeyapi.co/docs/{name.replace('_', '-')}"},
    }


def _delivery() -> Schema:
    return {
        "operationId": "task_ended",
        "summary": "A task that was given a webhook_url has finished or failed",
        "description": "The body is what `/fetch` tells, without `model`. It is not signed: whoever knows the URL, and "
        "the secret where there is one, can post it, so ask `/fetch` before acting on it. The same delivery may come "
        "more than once. Without a 2xx within 10 seconds it is repeated up to three times, about 10, 30 and 90 seconds "
        "later.",
        "parameters": [
            {
                "name": "x-webhook-secret",
                "in": "header",
                "required": False,
                "schema": {"type": "string"},
                "description": "The webhook_secret of the request, letter for letter, where there was one.",
            }
        ],
        "requestBody": _json(refer("EndedTask"), required=True),
        "responses": {"2XX": {"description": "The delivery has arrived."}},
        "security": [],
    }


def _responses(description: str, schema: Schema, refusals: tuple[int, ...]) -> Schema:
    refused = {str(status): _REFUSALS[status] for status in refusals}
    return {
        "200": {"description": description, **_json(schema)},
        **{status: {"description": why, **_json(refer(name))} for status, (why, name) in refused.items()},
    }


def _json(schema: Schema, **more: object) -> Schema:
    return {**more, "content": {"application/json": {"schema": schema}}}
