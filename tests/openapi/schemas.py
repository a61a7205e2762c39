"""Judges that say what the document's schemas refuse."""

from __future__ import annotations

from functools import cache
from typing import Any, TypeAlias

from jsonschema import Draft202012Validator

from journey_async.core.actions import ACTIONS
from journey_async.core.openapi import openapi

JSON: TypeAlias = Any
"""A part of the document or of a reply, to be looked at without ceremony."""

DOCUMENT: JSON = openapi()


def validator(schema: JSON) -> JSON:
    """Give the judge of a schema out of the document."""
    return Draft202012Validator({**schema, "components": DOCUMENT["components"]})


@cache
def judge(name: str) -> JSON:
    """Give the judge of one of the document's schemas."""
    return validator({"$ref": f"#/components/schemas/{name}"})


def complaints(name: str, value: JSON) -> list[str]:
    """Give what a schema refuses about a value, nothing where it accepts it."""
    return [error.message for error in judge(name).iter_errors(value)]


def request_of(action: str) -> str:
    """Give the name of the schema of a mutating endpoint's body."""
    return f"{ACTIONS[action].__name__}Request"


def reply_of(endpoint: str, status: int = 200) -> JSON:
    """Give the schema of a reply, as the document has it; a KeyError is a status that it does not have."""
    operation = DOCUMENT["paths"][f"/{endpoint}"]["get" if endpoint == "account" else "post"]
    return operation["responses"][str(status)]["content"]["application/json"]["schema"]


def complaints_about_reply(endpoint: str, status: int, value: JSON) -> list[str]:
    """Give what the document refuses about a reply."""
    return [error.message for error in validator(reply_of(endpoint, status)).iter_errors(value)]
