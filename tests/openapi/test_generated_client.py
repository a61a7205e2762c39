"""A client that another program makes of the document can be used with the service."""

from __future__ import annotations

import sys
from contextlib import asynccontextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

import pytest

from journey_async.core import kinds
from journey_async.core.actions import ACTIONS
from journey_async.core.checks import as_data_uri
from journey_async.core.kinds import Result
from journey_async.core.openapi_replies import SHAPES
from journey_async.core.rules import RULES
from journey_async.sandbox import Sandbox
from tests.openapi.schemas import DOCUMENT, JSON, request_of
from tests.openapi.shipping import SHIPPED
from tests.pictures import PNG
from tests.sandbox.asking import BODIES, PARENTS

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator

    from journey_async.core.kinds import Kind

generator: Any = pytest.importorskip("openapi_python_client", reason="make test-openapi runs it")
config: Any = pytest.importorskip("openapi_python_client.config")
NAME: Final = "client_made_of_the_document"
MASK: Final = as_data_uri(PNG)
OPTIONS: Final[dict[str, Any]] = {"credits": 10**6, "slots": 1000, "task_seconds": 0}


def part(name: str) -> JSON:
    """Import a part of the generated client."""
    return import_module(f"{NAME}.{name}")


@pytest.fixture(scope="module", autouse=True)
def generated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Make the client, in a folder of its own."""
    folder = tmp_path_factory.mktemp("generated")
    options = config.Config.from_sources(
        config_file=config.ConfigFile(post_hooks=[]),
        meta_type=config.MetaType.NONE,
        document_source=SHIPPED,
        file_encoding="utf-8",
        overwrite=False,
        output_path=folder / NAME,
    )
    assert list(generator.generate(config=options)) == []
    sys.path.insert(0, str(folder))
    yield
    sys.path.remove(str(folder))
    for name in [name for name in sys.modules if name.partition(".")[0] == NAME]:
        del sys.modules[name]


class Caller:
    """Talks to a sandbox with the generated client."""

    def __init__(self, client: JSON) -> None:
        self.client = client

    async def ask(self, operation: str, body: dict[str, object]) -> JSON:
        """Call a generated function, and give what it made of the reply."""
        tag = DOCUMENT["paths"][f"/{operation}"]["post"]["tags"][0]
        name = {"fetch": "FetchRequest", "fetch-many": "FetchManyRequest"}.get(operation) or request_of(operation)
        function = part(f"api.{tag}.{operation.replace('-', '_')}").asyncio_detailed
        # The generator has its own idea of capital letters.
        name = next(own for own in dir(part("models")) if own.lower() == name.lower())
        reply = await function(client=self.client, body=getattr(part("models"), name).from_dict(body))
        assert reply.status_code == 200, reply.content
        return reply.parsed

    async def submit(self, action: str, parent: str | None = None, **changed: object) -> str:
        """Ask for an action, and give the id of its task."""
        body = {**BODIES[action], **changed}
        if action == "inpaint":
            body["mask"] = MASK
        if parent is not None:
            body[str(ACTIONS[action].parent_field)] = parent
        return str((await self.ask(action, body)).task_id)


@asynccontextmanager
async def calling() -> AsyncGenerator[Caller]:
    async with Sandbox(**OPTIONS) as box:
        authenticated = part("client").AuthenticatedClient
        async with authenticated(base_url=box.base_url, token=box.api_key, prefix="") as client:
            yield Caller(client)


@pytest.mark.parametrize("action", list(ACTIONS))
async def test_every_call_is_accepted_and_its_result_is_read(action: str) -> None:
    async with calling() as caller:
        grid = await caller.submit("imagine")
        parents: dict[Kind, str] = {
            kinds.ImagineGrid: grid,
            kinds.UpscaledPicture: await caller.submit("upscale-1x", grid, index="1"),
            kinds.ImagineVideos: await caller.submit("imagine-video"),
        }
        task_id = await caller.submit(action, parents.get(PARENTS.get(action, Result)))
        state = await caller.ask("fetch", {"task_id": task_id})
        many = await caller.ask("fetch-many", {"task_ids": [grid, task_id]})

    kind = RULES[action].gives
    expected = next(name for name, shape in SHAPES.items() if issubclass(kind, shape))
    assert type(state).__name__ == expected
    assert [type(task).__name__ for task in many.tasks][-1] == expected
    assert state.status == "finished"


async def test_a_synchronous_model_gives_its_picture_at_once() -> None:
    async with calling() as caller:
        said = await caller.ask("imagine", {"prompt": "an elk", "model": "z-image"})

    assert type(said).__name__ == "PictureAtOnce"
    assert said.image_url.startswith("http://127.0.0.1:")


async def test_a_task_that_failed_is_read_as_that() -> None:
    async with calling() as caller:
        task_id = await caller.submit("imagine", prompt="[sandbox:fail]")
        state = await caller.ask("fetch", {"task_id": task_id})

    assert (type(state).__name__, state.error) == ("FailedTask", "Content policy violation")


async def test_the_account_and_a_refusal_are_read() -> None:
    async with calling() as caller:
        account = await part("api.free.account").asyncio(client=caller.client)
        body = part("models").PanRequest(parent_task_id="another", direction=part("models").PanRequestDirection.UP)
        refused = await part("api.paid.pan").asyncio(client=caller.client, body=body)

    assert (account.credits_, account.plan) == (OPTIONS["credits"], "starter")
    assert [error.msg for error in refused.errors] == ["parent_task_id not found"]
