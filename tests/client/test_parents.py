"""Parents: waited for, looked up, and refused before anything is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from journey_async import (
    IllegalParentError,
    InvalidRequestError,
    JourneyClient,
    Task,
    TaskFailedError,
    TaskNotFoundError,
    UpscaledPicture,
)
from tests.client.scripted import Script, json_reply
from tests.client.services import requests
from tests.pictures import PNG

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tests.client.services import Service

EDITS: dict[str, Callable[[JourneyClient, Any], Awaitable[Task[Any]]]] = {
    "pan": lambda journey, parent: journey.pan(parent, direction="left"),
    "inpaint": lambda journey, parent: journey.inpaint(parent, mask=PNG),
    "outpaint": lambda journey, parent: journey.outpaint(parent, zoom_ratio=2),
    "upscale-alt": lambda journey, parent: journey.upscale_alt(parent, type="creative"),
    "variations strong or subtle": lambda journey, parent: journey.variations(parent, index="strong"),
}


async def test_an_unfinished_parent_is_waited_for(service: Service) -> None:
    """The child is submitted when its parent has finished, not before."""
    async with service.client() as journey:
        grid = await journey.imagine("an elk")
        assert not grid.done
        elk = await journey.upscale_1x(grid, index=1)
        assert grid.done
        assert elk.parent == grid.id


async def test_an_id_is_looked_up_with_one_free_fetch(service: Service) -> None:
    """And accepted if it is legal."""
    async with service.client() as journey:
        grid = await journey.imagine("an elk")
        await grid
        before = requests(service, "/fetch")
        elk = await journey.upscale_1x(grid.id, index=1)
        assert requests(service, "/fetch") == before + 1
        assert elk.kind is UpscaledPicture


@pytest.mark.parametrize("by_id", [False, True], ids=["task", "id"])
@pytest.mark.parametrize("edit", EDITS)
async def test_an_edit_of_a_grid_is_refused_before_anything_is_sent(
    service: Service, edit: str, *, by_id: bool
) -> None:
    """The message names action, parent, what it is, what is needed and the step to insert."""
    async with service.client() as journey:
        grid = await journey.imagine("an elk")
        await grid
        before = service.ledger()
        with pytest.raises(IllegalParentError) as caught:
            await EDITS[edit](journey, grid.id if by_id else grid)
        after = service.ledger()
    assert after["accepted"] == before["accepted"]
    assert sum(after["requests"].values()) - sum(before["requests"].values()) == (1 if by_id else 0)
    assert str(caught.value) == (
        f"{edit} needs an upscale-1x picture as parent, task {grid.id} is an imagine grid. "
        "Insert upscale_1x(parent, index=1..4) first. Nothing was sent."
    )
    assert not caught.value.credits_may_have_moved


async def test_an_illegal_parent_is_refused_without_waiting_for_it(service: Service) -> None:
    """What a task will be is known from what was asked."""
    async with service.client() as journey:
        grid = await journey.imagine("an elk [sandbox:stuck]")
        with pytest.raises(IllegalParentError):
            await EDITS["pan"](journey, grid)
        with pytest.raises(IllegalParentError):
            await EDITS["pan"](journey, grid.id)
        assert not grid.done


async def test_faults_and_an_illegal_parent_are_told_together(service: Service) -> None:
    """All faults of one call in one error."""
    async with service.client() as journey:
        grid: Any = await journey.imagine("an elk")
        direction: Any = "sideways"
        with pytest.raises(IllegalParentError) as caught:
            await journey.pan(grid, direction=direction)
    assert [fault.argument for fault in caught.value.faults] == ["direction", "parent"]


async def test_the_index_goes_with_a_grid_and_not_with_a_picture(service: Service) -> None:
    """`upscale-2x-4x` takes either, and says what to do about the index."""
    async with service.client() as journey:
        grid: Any = await journey.imagine("an elk")
        with pytest.raises(IllegalParentError, match="Say which tile of the grid"):
            await journey.upscale_2x_4x(grid, type="2x")
        elk: Any = await journey.upscale_1x(grid, index=1)
        with pytest.raises(IllegalParentError, match="Leave index out"):
            await journey.upscale_2x_4x(elk, type="2x", index=1)


async def test_exactly_one_of_parent_and_image_url_is_taken(service: Service) -> None:
    """Both and neither are faults of one call."""
    async with service.client() as journey:
        enlarge: Any = journey.upscale_2x_4x
        with pytest.raises(InvalidRequestError, match="exactly one of parent_task_id and image_url"):
            await enlarge("some-task", type="2x", image_url="https://example.com/a.png")
        with pytest.raises(InvalidRequestError, match="parent_task_id is required"):
            await enlarge(type="2x")
        assert requests(service) == 0


@pytest.mark.parametrize("parent", ["", "  ", None, 7, ["id"]], ids=repr)
async def test_what_is_no_parent_at_all_is_a_fault(service: Service, parent: object) -> None:
    """Callers without a type checker get the service's words."""
    async with service.client() as journey:
        given: Any = parent
        with pytest.raises(InvalidRequestError, match="parent_task_id is required"):
            await journey.reroll(given)
        assert requests(service) == 0


async def test_an_unknown_parent_id_is_told_after_one_free_fetch(service: Service) -> None:
    """Nothing is paid for it."""
    async with service.client() as journey:
        with pytest.raises(TaskNotFoundError) as caught:
            await journey.upscale_1x("no-such-task", index=1)
    assert caught.value.task_id == "no-such-task"
    assert service.ledger()["requests"] == {"/fetch": 1}


async def test_a_failed_parent_raises_its_own_failure(service: Service) -> None:
    """With the service's words; the child is not sent."""
    async with service.client() as journey:
        grid = await journey.imagine("[sandbox:fail=Banned prompt]")
        with pytest.raises(TaskFailedError, match="Banned prompt") as caught:
            await journey.upscale_1x(grid, index=1)
        assert caught.value.task_id == grid.id
        with pytest.raises(TaskFailedError, match="Banned prompt"):
            await journey.upscale_1x(grid.id, index=1)
    assert service.ledger()["accepted"] == 1


async def test_a_picture_of_another_model_cannot_be_followed(service: Service) -> None:
    """Midjourney's actions follow Midjourney's tasks."""
    async with service.client() as journey:
        picture: Any = await journey.imagine("an elk", model="z-image")
        with pytest.raises(IllegalParentError, match="a picture not made by Midjourney"):
            await journey.upscale_1x(picture, index=1)
        with pytest.raises(IllegalParentError, match=r"imagine\(prompt\)"):
            await journey.upscale_1x(picture.id, index=1)


async def test_what_only_the_result_tells_is_judged_when_it_is_there() -> None:
    """A parent whose kind the service does not name while it is on its way."""
    script = Script(
        json_reply({"task_id": "t1", "status": "pending"}),
        json_reply({"task_id": "t1", "status": "finished", "image_url": "https://x.example/1.png"}),
    )
    async with script.client() as journey:
        with pytest.raises(IllegalParentError, match="a picture not made by Midjourney"):
            await journey.pan("t1", direction="left")
    assert [request.path for request in script.sent] == ["/fetch", "/fetch"]
