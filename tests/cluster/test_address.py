"""The address of a cluster: what is refused, what is shown, and what is kept of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

import pytest
from attrs import evolve, frozen
from hypothesis import given
from hypothesis import strategies as st

from journey_async import Cluster, ConfigurationError
from journey_async.cluster.queues import engine_url
from tests.cluster import functions

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

URL = "postgresql://me@db.example.com/pictures"
PASSWORD = "correct-horse"
RUNS = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", fullmatch=True)
NAMES = st.text(st.characters(codec="utf-8"), min_size=1, max_size=8).map(lambda text: quote(text, safe=""))
HOSTS = st.sampled_from(["", "localhost", "db.example.com", "127.0.0.1", "[::1]", "db.example.com:5433", "[::1]:5433"])
PARAMETERS = st.lists(
    st.tuples(st.sampled_from(["sslmode", "host", "application_name", "passfile", "options"]), NAMES),
    unique_by=lambda parameter: parameter[0],
    max_size=4,
)


@frozen
class Written:
    """An address as somebody may write it, without its password."""

    name: str
    host: str
    database: str
    parameters: Sequence[tuple[str, str]]

    def url(self, *, scheme: str = "postgresql", password: str = "", hidden: tuple[int, str] | None = None) -> str:
        """Write it, with a password before the host, or with one *hidden* at that place among the parameters."""
        parameters = [f"{key}={value}" for key, value in self.parameters]
        if hidden is not None:
            parameters.insert(hidden[0], f"password={hidden[1]}")
        login = f"{self.name}:{password}" if password else self.name
        query = f"?{'&'.join(parameters)}" if parameters else ""
        return f"{scheme}://{login}@{self.host}/{self.database}{query}"


WRITTEN = st.builds(Written, NAMES, HOSTS, NAMES, PARAMETERS)


# ---------------------------------------------------------------------------------------------------------------------
# What is refused


def test_everything_that_is_wrong_is_told_together() -> None:
    with pytest.raises(ConfigurationError) as refused:
        Cluster("mysql://db/pictures", run="the night run", after=lambda: None)
    url, run, after = str(refused.value).split("; ")
    assert url == "url must begin with postgresql://"
    assert run.startswith("run must be 1 to 100 letters, digits, dots, dashes or underscores")
    assert after.startswith("after must be a function at the top of a module that workers can import, or its path")


@pytest.mark.parametrize(
    ("url", "why"),
    [
        *((wrong, "must begin with") for wrong in ("", "pictures.db", "POSTGRESQL://db/pictures", " " + URL, 7, None)),
        ("postgresql://db.example.com", "must name a database"),
        ("postgresql://db.example.com/", "must name a database"),
        ("postgresql://", "must name a database"),
        ("postgresql://db.example.com?dbname=pictures", "must name a database"),
        ("postgresql://db.example.com:many/pictures", "url is none: "),
        ("postgresql://db.example.com:70000/pictures", "url is none: "),
        ("postgresql://[::1/pictures", "url is none: "),
        (f"{URL}#night", "name the run with run="),
        (f"{URL}?sslpassword=x", "must not hold sslpassword"),
    ],
)
def test_an_address_that_is_none_is_refused(url: Any, why: str) -> None:
    with pytest.raises(ConfigurationError, match=why):
        Cluster(url)


@pytest.mark.parametrize(
    "run", ["", ".night", "-night", "_night", "a:b", "a b", "a#b", "é", "n" * 101, "night\n", 7, None]
)
def test_a_run_whose_name_others_could_not_read_is_refused(run: Any) -> None:
    """It stands in the ids of jobs between colons, behind # in addresses, and as the name of a folder."""
    with pytest.raises(ConfigurationError, match="run must be 1 to 100"):
        Cluster(URL, run=run)


@given(RUNS)
def test_other_names_of_runs_are_kept(run: str) -> None:
    assert Cluster(URL, run=run).run == run
    longest = run.ljust(100, "n")
    assert Cluster(URL, run=longest).run == longest


# ---------------------------------------------------------------------------------------------------------------------
# What is shown, and read again


@given(WRITTEN, st.sampled_from(["postgresql", "postgres"]), RUNS)
def test_what_is_shown_is_the_address_and_leads_to_the_same_run(written: Written, scheme: str, run: str) -> None:
    """With one scheme, whichever was written; nothing else of it is changed."""
    cluster = Cluster(written.url(scheme=scheme), run=run)
    place = written.url()
    assert cluster.place == place
    assert str(cluster) == f"{place}#{run}"
    assert repr(cluster) == f"Cluster({place!r}, run={run!r})"
    again = Cluster.named(str(cluster))
    assert again is not None
    assert (again.place, again.run) == (cluster.place, run)
    assert engine_url(again) == engine_url(cluster)


@given(WRITTEN, NAMES, st.integers(0, 4))
def test_a_password_is_left_out_and_everything_else_is_shown(written: Written, more: str, place: int) -> None:
    """Before the host, and among the parameters wherever it stands there."""
    password = f"{PASSWORD}{more}"
    shown = written.url()
    used = engine_url(Cluster(shown)).set(password=unquote(password))
    for url in (written.url(password=password), written.url(hidden=(place, password))):
        cluster = Cluster(url)
        assert cluster.place == shown
        assert PASSWORD not in f"{cluster} {cluster!r}"
        assert engine_url(cluster) == used, "it is used all the same"
    assert Cluster(written.url(password=password, hidden=(place, password))).place == shown


def test_a_password_with_every_sign_of_an_address_is_left_out() -> None:
    """The host begins behind the last @."""
    assert Cluster(f"postgresql://me:{PASSWORD}@x:y@db/pictures").place == "postgresql://me@db/pictures"
    assert Cluster(f"postgresql://:{PASSWORD}@db/pictures").place == "postgresql://db/pictures"


@pytest.mark.parametrize("name", ["pass%77ord", "%73slpassword"])
def test_a_password_whose_parameter_is_written_with_escapes_is_not_shown(name: str) -> None:
    """PostgreSQL reads escapes in the names of parameters."""
    try:
        shown = str(Cluster(f"{URL}?{name}={PASSWORD}"))
    except ConfigurationError as error:
        shown = str(error)
    assert PASSWORD not in shown


@pytest.mark.parametrize("sign", ["/", "?", "#"])
def test_an_address_that_cannot_be_read_because_of_its_password_is_refused_without_it(sign: str) -> None:
    """The commonest mistake: a password with a sign that has to be written as an escape."""
    with pytest.raises(ConfigurationError) as refused:
        Cluster.named(f"postgresql://me:{PASSWORD}{sign}{PASSWORD}@db.example.com/pictures")
    assert PASSWORD not in str(refused.value)


# ---------------------------------------------------------------------------------------------------------------------
# Reading a text


@pytest.mark.parametrize("text", ["", "run.db", "/runs/run.db#night", "mysql://db/pictures", "postgresql:run.db"])
def test_a_text_that_does_not_begin_like_one_is_no_cluster(text: str) -> None:
    """It is the file of a journal."""
    assert Cluster.named(text) is None


def test_the_run_stands_behind_the_address() -> None:
    named = Cluster.named(f"{URL}#night")
    assert named == Cluster(URL, run="night")
    for text in (URL, f"{URL}#"):
        assert Cluster.named(text) == Cluster(URL)
    assert Cluster(URL).run == "main"


@pytest.mark.parametrize("text", [f"{URL}#a#b", f"{URL}#.night", "postgresql://db#night", f"{URL}?sslpassword=x#night"])
def test_a_faulty_text_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError):
        Cluster.named(text)


# ---------------------------------------------------------------------------------------------------------------------
# What is called after a node


@pytest.mark.parametrize("after", [functions.count, f"{functions.__name__}:count"])
def test_what_is_called_after_a_node_may_be_a_function_or_its_path(after: str | Callable[..., Any]) -> None:
    assert Cluster(URL, after=after).after_path == "tests.cluster.functions:count"
    assert Cluster(URL).after_path is None


def test_what_workers_cannot_import_is_refused() -> None:
    def here(*_: object) -> None:
        raise NotImplementedError

    for after in (here, "count", "tests.cluster.functions.count", "", 7):
        wrong: Any = after
        with pytest.raises(ConfigurationError, match="after must be a function at the top of a module"):
            Cluster(URL, after=wrong)
        with pytest.raises(ConfigurationError):
            evolve(Cluster(URL), after=wrong)
