"""A database that is shared shows no password, and what stands in it does not choose freely what runs."""

from __future__ import annotations

import json
import traceback

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey_async import Cluster, ConfigurationError, JournalError, JourneyClient, read_journal
from journey_async.cluster.code import Code
from journey_async.cluster.line import LARGEST, packed, unpacked
from journey_async.core.deliveries import Delivery

PASSWORD = "correct-horse-battery"
ADDRESSES = (
    f"postgresql://journey:{PASSWORD}@127.0.0.1:1/pictures",
    f"postgresql://127.0.0.1:1/pictures?user=journey&password={PASSWORD}",
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@pytest.mark.parametrize("url", ADDRESSES)
async def test_no_error_and_no_repr_shows_the_password_of_a_cluster(url: str, caplog: pytest.LogCaptureFixture) -> None:
    """A connection is refused at port 1: whoever is told, in whatever way, is told without the password."""
    caplog.set_level("DEBUG")
    cluster = Cluster(url)
    shown = [repr(cluster), str(cluster), cluster.place]
    for ask in (lambda: read_journal(cluster), lambda: _opened(cluster)):
        with pytest.raises(JournalError) as caught:
            await ask()
        shown.append("".join(traceback.format_exception(caught.value)))
    assert "127.0.0.1" in "".join(shown)
    assert PASSWORD not in "".join(shown)
    assert PASSWORD not in caplog.text


async def _opened(cluster: Cluster) -> None:
    async with JourneyClient(api_key="japi_key_of_a_test", cluster=cluster):
        pass


async def test_a_worker_calls_no_function_of_a_module_that_it_was_not_told() -> None:
    """Not one below, beside or above those that it was told, and nothing that is no function."""
    code = Code(["json"], folder=None)
    assert await code.choose("json:dumps", None) == "null"
    for path in ("os:getcwd", "jsonschema:validate", "js:on", "builtins:eval"):
        with pytest.raises(ConfigurationError, match="in no module that this worker may call"):
            await code.choose(path, None)
    with pytest.raises(ConfigurationError, match="is no function"):
        await code.choose("json:__name__", None)


@given(st.text() | VALUES.map(json.dumps))
def test_any_notification_gives_a_delivery_or_nothing(payload: str) -> None:
    """Whoever may listen to the database may also notify."""
    given_back = unpacked(payload, receiver="here")
    assert given_back is None or isinstance(given_back, Delivery)


@given(task_id=st.text(min_size=1), intent=st.none() | st.text(), raw=st.dictionaries(st.text(), VALUES))
def test_a_delivery_reaches_others_as_it_came_or_without_its_body(
    task_id: str, intent: str | None, raw: dict[str, object]
) -> None:
    """And never comes back to who sent it."""
    delivery = Delivery(task_id=task_id, intent=intent, raw=raw)
    payload = packed(delivery, sender="there")
    received = unpacked(payload, receiver="here")
    assert received == delivery
    assert received is not None
    assert received.raw in (raw, {"task_id": task_id})
    assert len(payload.encode()) <= LARGEST or len(task_id) + len(intent or "") > LARGEST // 12
    assert unpacked(payload, receiver="there") is None
