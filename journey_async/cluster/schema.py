"""The tables of a cluster: made, and looked at for what is wrong with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import text

if TYPE_CHECKING:
    from sqlalchemy import Connection

SCHEMA: Final = 1
"""Of these tables; one that is higher was made by a later version of this package."""

# The records are the truth, as in a journal's file. Of the rest, `nodes` says again what workers look up of the newest
# graph, `slots` is who holds one of the slots, `account` what is believed of their number, and `deliveries` what
# webhooks told of intents to which no reply had come.
TABLES: Final = """
CREATE SCHEMA IF NOT EXISTS journey;
CREATE TABLE IF NOT EXISTS journey.about (
    single boolean PRIMARY KEY DEFAULT true CHECK (single),
    schema integer NOT NULL
);
CREATE TABLE IF NOT EXISTS journey.account (
    single boolean PRIMARY KEY DEFAULT true CHECK (single),
    belief text NOT NULL
);
CREATE TABLE IF NOT EXISTS journey.runs (
    run text PRIMARY KEY,
    records bigint NOT NULL DEFAULT 0,
    in_flight integer,
    after text,
    paused text
);
CREATE TABLE IF NOT EXISTS journey.records (
    run text NOT NULL REFERENCES journey.runs,
    n bigint NOT NULL,
    number integer,
    intent text,
    record text NOT NULL,
    PRIMARY KEY (run, n)
);
CREATE UNIQUE INDEX IF NOT EXISTS records_of_intents ON journey.records (intent) WHERE intent IS NOT NULL;
CREATE INDEX IF NOT EXISTS records_of_nodes ON journey.records (run, number, n);
CREATE TABLE IF NOT EXISTS journey.nodes (
    run text NOT NULL REFERENCES journey.runs,
    number integer NOT NULL,
    parent integer,
    key text NOT NULL,
    priority integer NOT NULL,
    choose text,
    PRIMARY KEY (run, number)
);
CREATE INDEX IF NOT EXISTS nodes_below ON journey.nodes (run, parent);
CREATE TABLE IF NOT EXISTS journey.slots (
    holder text PRIMARY KEY,
    run text,
    owner text NOT NULL,
    task_id text,
    waiting boolean NOT NULL,
    seen timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE TABLE IF NOT EXISTS journey.deliveries (
    intent text PRIMARY KEY,
    task_id text NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp()
);
INSERT INTO journey.about (schema) VALUES (1) ON CONFLICT DO NOTHING;
INSERT INTO journey.account (belief) VALUES ('{}') ON CONFLICT DO NOTHING;
"""


def prepare(connection: Connection) -> None:
    """Make the tables that are not there."""
    # Of two that begin at the same moment one waits for the other.
    connection.execute(text("SELECT pg_advisory_xact_lock(hashtextextended('journey tables', 0))"))
    for statement in TABLES.split(";\n"):
        if statement.strip():
            connection.execute(text(statement))


def wrong_with(connection: Connection) -> str | None:
    """Say in one line what is wrong with the tables; None if nothing is."""
    if connection.execute(text("SELECT to_regclass('journey.about')")).scalar() is None:
        return "it is not prepared for journey: run `journey cluster init` with its address"
    found = connection.execute(text("SELECT schema FROM journey.about")).scalar()
    if found != SCHEMA:
        return f"its tables are of version {found}, and this version of journey-async works with {SCHEMA}: upgrade both"
    return None
