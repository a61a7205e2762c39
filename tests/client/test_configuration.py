"""Setting a client up."""

from __future__ import annotations

import pytest

from journey_async import ConfigurationError, JourneyClient
from journey_async.configuration import BASE_URL, Configuration


def configured(**given: object) -> Configuration:
    """Make a configuration out of these arguments and the environment."""
    arguments: dict[str, object] = {"api_key": None, "base_url": None, "connections": 64, "proxy": None, **given}
    return Configuration.from_environment(**arguments)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JOURNEY_API_KEY", raising=False)
    monkeypatch.delenv("JOURNEY_BASE_URL", raising=False)


def test_key_and_base_url_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where they are not given."""
    monkeypatch.setenv("JOURNEY_API_KEY", "japi_live_1\n")
    monkeypatch.setenv("JOURNEY_BASE_URL", "http://127.0.0.1:8787/api/v1/")
    assert configured() == configured(api_key="japi_live_1", base_url="http://127.0.0.1:8787/api/v1")


def test_arguments_win_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both of them."""
    monkeypatch.setenv("JOURNEY_API_KEY", "japi_live_1")
    monkeypatch.setenv("JOURNEY_BASE_URL", "http://one.example")
    made = configured(api_key="japi_live_2", base_url="https://two.example")
    assert (made.api_key, made.base_url) == ("japi_live_2", "https://two.example")


def test_the_base_url_is_the_service_s_by_default() -> None:
    """Also if the variable is empty."""
    assert configured(api_key="k").base_url == BASE_URL == "https://api.journeyapi.com/api/v1"


def test_everything_that_is_wrong_is_told_at_once() -> None:
    """What, and what to do."""
    with pytest.raises(ConfigurationError) as caught:
        JourneyClient(base_url="api.journeyapi.com", connections=0)
    assert str(caught.value) == (
        "api_key is missing: pass api_key=... or set JOURNEY_API_KEY; "
        f"base_url must be an http or https URL such as {BASE_URL}, got 'api.journeyapi.com'; "
        "connections must be at least 1, got 0"
    )


@pytest.mark.parametrize("key", ["Bearer canary", "can ary", "canary\u00e9", "can\nary"])
def test_a_bad_key_is_refused_without_showing_it(key: str) -> None:
    """It could not be sent, or would be refused."""
    with pytest.raises(ConfigurationError, match="api_key must") as caught:
        JourneyClient(key)
    assert "ary" not in str(caught.value).replace("necessary", "")


@pytest.mark.parametrize(
    "url",
    ["ftp://x.example", "https://", "http://x example", "https://x.example?a=1", "https://u:canary@x.example", "//x"],
)
def test_a_bad_base_url_is_refused(url: str) -> None:
    """Credentials in it are not shown."""
    with pytest.raises(ConfigurationError, match="base_url must be") as caught:
        JourneyClient("k", base_url=url)
    assert "canary" not in str(caught.value)


def test_no_repr_shows_the_key() -> None:
    """Neither the client's nor its configuration's."""
    assert "canary" not in repr(JourneyClient("canary"))
    assert "canary" not in repr(configured(api_key="canary", proxy="http://u:canary@p.example"))
