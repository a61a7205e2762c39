"""Schemathesis asks a sandbox what the document allows and what it does not, and compares the replies with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest
import requests
from anyio.from_thread import start_blocking_portal
from attrs import frozen
from hypothesis import HealthCheck, Phase, given, settings

from journey_async.core import kinds
from journey_async.core.actions import ACTIONS
from journey_async.core.checks import as_data_uri
from journey_async.sandbox import Sandbox
from journey_async.sandbox.validation import read_asking
from tests.openapi.schemas import DOCUMENT, JSON
from tests.pictures import PNG
from tests.sandbox.asking import URL

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from journey_async.core.kinds import Kind

schemathesis: Any = pytest.importorskip("schemathesis", reason="make test-openapi runs it")
checks: Any = pytest.importorskip("schemathesis.specs.openapi.checks")
Mode: Any = pytest.importorskip("schemathesis.generation").GenerationMode

# Tasks end at once, and nothing is sent to the webhooks that are made up.
OPTIONS: Final[Mapping[str, Any]] = {"credits": 10**9, "slots": 10**6, "task_seconds": 0, "faults": ["lost-webhook"]}
# That a text is a picture is more than a schema can ask for.
MASK: Final = as_data_uri(PNG)
NOT_FOUND: Final = {"parent_task_id not found", "task_id not found"}
# Whether what was asked is accepted is looked at here, where it is known which ids exist.
NOT_CHECKED: Final = [checks.positive_data_acceptance, checks.negative_data_rejection]
OPERATIONS: Final[list[JSON]] = [found.ok() for found in schemathesis.openapi.from_dict(DOCUMENT).get_all_operations()]
EACH_OPERATION = pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.label)
BOUNDED = settings(
    max_examples=15,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.function_scoped_fixture],
)


@frozen
class Visited:
    """A sandbox, and a finished task for every kind of parent."""

    url: str
    key: str
    parents: Mapping[Kind, str]

    def call(self, case: JSON) -> JSON:
        """Ask what the case asks; raises where the reply is not as the document says."""
        reply = case.call(base_url=self.url, headers={"Authorization": self.key})
        case.validate_response(reply, excluded_checks=NOT_CHECKED)
        return reply

    def existing(self, operation: str, body: dict[str, JSON]) -> dict[str, JSON]:
        """Put an id that exists, and is of the right kind, into the place of one that was made up."""
        if operation == "fetch":
            return {**body, "task_id": self.parents[kinds.ImagineGrid]}
        rule = read_asking(operation, body).rule if operation in ACTIONS else None
        if rule is None or not rule.parents:
            return body
        parent = next(task_id for kind, task_id in self.parents.items() if rule.accepts(kind))
        return {**body, str(ACTIONS[operation].parent_field): parent}


def submit(box: Sandbox, endpoint: str, **body: str) -> str:
    """Ask for a task, and give its id."""
    with requests.post(
        f"{box.base_url}/{endpoint}", json=body, headers={"Authorization": box.api_key}, timeout=20
    ) as said:
        return str(said.json()["task_id"])


@pytest.fixture(scope="module")
def visited() -> Iterator[Visited]:
    """Give a sandbox that listens in a thread of its own: schemathesis blocks."""
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(Sandbox(**OPTIONS)) as box:
        grid = submit(box, "imagine", prompt="elk")
        parents: dict[Kind, str] = {
            kinds.ImagineGrid: grid,
            kinds.UpscaledPicture: submit(box, "upscale-1x", parent_task_id=grid, index="1"),
            kinds.ImagineVideos: submit(box, "imagine-video", prompt="elk", image_url=URL),
        }
        yield Visited(box.base_url, box.api_key, parents)


@EACH_OPERATION
def test_what_the_document_allows_is_accepted(operation: JSON, visited: Visited) -> None:
    @BOUNDED
    @given(case=operation.as_strategy(generation_mode=Mode.POSITIVE))
    def ask(case: JSON) -> None:
        if operation.path == "/inpaint":
            case.body = {**case.body, "mask": MASK}
        reply = visited.call(case)
        if reply.status_code == 400:
            assert {error["msg"] for error in reply.json()["errors"]} <= NOT_FOUND
            case.body = visited.existing(operation.path.removeprefix("/"), case.body)
            reply = visited.call(case)
        assert reply.status_code == 200, (case.body, reply.text)

    ask()


@EACH_OPERATION
def test_what_the_document_does_not_allow_is_answered_as_it_says(operation: JSON, visited: Visited) -> None:
    @BOUNDED
    @given(case=operation.as_strategy(generation_mode=Mode.NEGATIVE))
    def ask(case: JSON) -> None:
        assert visited.call(case).status_code < 500

    ask()
