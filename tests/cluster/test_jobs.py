"""Jobs: which of them are to be done again, what they are called, and where the engine finds its tables."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from journey_async import Cluster
from journey_async.cluster.queues import KINDS, OPEN, Job, again, engine_url

RUNS = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,20}", fullmatch=True)
JOBS = st.builds(
    Job, st.sampled_from(KINDS), RUNS, st.integers(0, 99), priority=st.integers(1, 9), turn=st.integers(0, 9)
)
STATUSES = st.sampled_from([*OPEN, "SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"])


@given(JOBS)
def test_the_id_of_a_job_tells_all_that_makes_it_another_job(job: Job) -> None:
    """A name of a run holds no colon, so that the id can be read again; the priority makes no other job."""
    kind, run, number, turn = job.id.split(":")
    assert (kind, run, int(number), int(turn)) == (job.kind, job.run, job.number, job.turn)
    assert evolve(job, priority=job.priority + 1).id == job.id


@given(JOBS, JOBS)
def test_two_jobs_have_one_id_only_if_they_are_the_same(one: Job, other: Job) -> None:
    assert (one.id == other.id) == (evolve(one, priority=1) == evolve(other, priority=1))


def test_what_was_never_done_is_done_as_it_is() -> None:
    jobs = [Job("carry", "main", 1, priority=3), Job("choose", "main", 2), Job("after", "main", 3)]
    assert again(jobs, {}) == jobs


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("status", OPEN)
def test_what_somebody_does_already_is_not_done_twice(kind: str, status: str) -> None:
    [job] = [Job(each, "main", 1) for each in KINDS if each == kind]
    assert again([job], {(kind, 1): (4, status)}) == []


def test_what_has_ended_is_done_anew_but_for_a_function_that_was_called() -> None:
    """A node is carried and chosen for again where a run goes on; nobody is told of its end a second time."""
    jobs = [Job("carry", "main", 1, priority=7), Job("choose", "main", 1), Job("after", "main", 1)]
    done = {("carry", 1): (0, "SUCCESS"), ("choose", 1): (2, "SUCCESS"), ("after", 1): (0, "SUCCESS")}
    assert again(jobs, done) == [
        Job("carry", "main", 1, priority=7, turn=1),
        Job("choose", "main", 1, turn=3),
    ]
    assert again(jobs, dict.fromkeys(done, (1, "ERROR"))) == [evolve(job, turn=2) for job in jobs]


@given(st.lists(JOBS, max_size=6), st.dictionaries(st.tuples(st.sampled_from(KINDS), st.integers(0, 99)), STATUSES))
def test_a_job_that_is_put_is_always_a_new_one(jobs: list[Job], statuses: dict[tuple[str, int], str]) -> None:
    """Its turn is right behind the newest, which is why the engine does not take it for one that it has done."""
    newest = {about: (place, status) for place, (about, status) in enumerate(statuses.items())}
    made = again(jobs, newest)
    for job in made:
        turn, status = newest.get((job.kind, job.number), (-1, ""))
        assert job.turn == turn + 1
        assert status not in OPEN
    kept = [(job.kind, job.run, job.number, job.priority) for job in made]
    rest = iter((job.kind, job.run, job.number, job.priority) for job in jobs)
    assert all(job in rest for job in kept), "the rest is as it was, in the same order"


# ---------------------------------------------------------------------------------------------------------------------
# The address

WORDS = st.text(min_size=1, max_size=12)


@given(WORDS)
def test_the_engine_gets_a_password_where_it_masks_it(password: str) -> None:
    """Wherever it stood; else nothing of the address is changed but the driver."""
    written = quote(password, safe="")
    before = engine_url(Cluster(f"postgresql://me:{written}@db.example.com:5433/pictures?sslmode=require"))
    among = engine_url(Cluster(f"postgresql://me@db.example.com:5433/pictures?sslmode=require&password={written}"))
    for url in (before, among):
        assert url.password == password
        assert url.render_as_string() == ("postgresql+psycopg://me:***@db.example.com:5433/pictures?sslmode=require")
    assert before == among


def test_of_several_passwords_the_last_one_counts() -> None:
    """As with the programs of PostgreSQL."""
    url = engine_url(Cluster("postgresql://me:first@/pictures?password=second&password=third"))
    assert url.password == "third"
    assert "password" not in url.query


def test_an_address_without_a_password_stays_without_one() -> None:
    url = engine_url(Cluster("postgres://me@/pictures?host=/run/postgresql&application_name=studio"))
    assert url.password is None
    assert url.drivername == "postgresql+psycopg"
    assert dict(url.query) == {"host": "/run/postgresql", "application_name": "studio"}
