"""Everything that takes what others wrote, one function each: any bytes give a value or an error of ours.

A target gives a word for what became of its bytes: the name of the value's type or of the error's. It raises where its
property does not hold. Hypothesis and atheris both run these very functions.
"""

from __future__ import annotations

import json
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, TypeAlias, cast

from journey_async import GraphFileError, InvalidRequestError, TaskGraph
from journey_async.core import deliveries, kinds, reading, wire
from journey_async.core.actions import Imagine
from journey_async.core.events import Differences
from journey_async.core.follow_ups import follow_ups
from journey_async.core.graph_text import read_sketches
from journey_async.core.history import fold
from journey_async.core.matching import graph_in
from journey_async.core.nodes import KINDS
from journey_async.core.records import DamageError, decode, encode
from journey_async.core.rows import rows_times
from journey_async.core.run_state import RunState
from journey_async.core.tokens import read_token, token
from journey_async.core.wire import Reply, Request
from journey_async.errors import ApiError
from tests.fuzz.command import command
from tests.fuzz.journals import journal_file
from tests.fuzz.pieces import Pieces
from tests.graph.chance import told

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from journey_async.core.graph_text import Syntax
    from journey_async.core.rows import RowSyntax

Target: TypeAlias = "Callable[[bytes], str]"

SECRET: Final = "whsec_0123456789abcdef"
STATUSES: Final = (200, 400, 401, 402, 429, 500, 503, 302, 204, 404, 418)
KIND_NAMES: Final = tuple(KINDS)
TEMPLATE: Final = """
[nodes.grid]
action = "imagine"
prompt = "{prompt}, {{really}} {style}"
extra = { sref = "{style}" }

[nodes.tile]
action = "upscale-1x"
parent = "grid"
index = "{tile}"
"""


# ---------------------------------------------------------------------------------------------------------------------
# Replies


def _asked(pieces: Pieces) -> Request:
    requests = (
        wire.fetch("t1"),
        wire.submission(Imagine(prompt="an elk"), None),
        wire.submission(Imagine(prompt="an elk", webhook_url="https://example.com/hook", webhook_secret=SECRET), None),
    )
    return pieces.choice(requests)


def _replied(pieces: Pieces) -> Reply:
    status = pieces.choice(STATUSES)
    names = ("retry-after", "date", "location")
    headers = {name: value for name in names if (value := pieces.text())}
    return Reply(status=status, headers=headers, body=pieces.rest(), received_at=1.0e9)


def _read(data: bytes, read: Callable[[Request, Reply, kinds.Kind], object]) -> str:
    pieces = Pieces(data)
    kind = KINDS[pieces.choice(KIND_NAMES)]
    request, reply = _asked(pieces), _replied(pieces)
    try:
        value = read(request, reply, kind)
    except ApiError as error:
        if "webhook_secret" in (request.body or {}) and SECRET in f"{error}{error!r}{error.body}{error.messages}":
            raise AssertionError("the webhook secret is shown") from error
        _ = error.retry_after, error.transient, error.credits_may_have_moved
        return type(error).__name__
    return type(value).__name__


def submission(data: bytes) -> str:
    """Read the reply to a submission."""
    return _read(data, lambda request, reply, kind: reading.read_answer(request, reply, gives=kind))


def fetch(data: bytes) -> str:
    """Read the reply to a question about one task."""
    return _read(data, lambda request, reply, kind: reading.read_task(request, reply, kind=kind))


def fetch_many(data: bytes) -> str:
    """Read the reply to a question about several."""
    return _read(data, lambda request, reply, kind: reading.read_tasks(request, reply, known={"t1": kind}))


def account(data: bytes) -> str:
    """Read the reply to a question about the account."""
    return _read(data, lambda request, reply, _: reading.read_account(request, reply))


def refusal(data: bytes) -> str:
    """Read any reply as a refusal."""
    return _read(data, lambda request, reply, _: reading.read_error(request, reply))


# ---------------------------------------------------------------------------------------------------------------------
# Webhooks


def webhook(data: bytes) -> str:
    """Decide what a request to a webhook is: without the secret it is no delivery."""
    pieces = Pieces(data)
    method = pieces.choice(("POST", "GET", "post", ""))
    headers: list[tuple[str | bytes, str | bytes]] = []
    for line in pieces.part().split(b"\n"):
        name, _, value = line.partition(b": ")
        headers.append((name, value) if len(line) % 2 else (name.decode("latin-1"), value.decode("latin-1")))
    query = pieces.part()
    decision = deliveries.decide(method, headers, query, pieces.rest(), secrets=[SECRET.encode()])
    if not isinstance(decision, deliveries.Delivery):
        return str(decision.status)
    if not any(SECRET in (value if isinstance(value, str) else value.decode("latin-1")) for _, value in headers):
        raise AssertionError("a delivery without the secret")
    for kind in KINDS.values():
        decision.state(kind)
        deliveries.read_as(decision.raw, kind)
    if decision.intent is not None and decision.intent.isprintable():
        url = deliveries.webhook_url_for("https://example.com/hook?a=b", decision.intent)
        if deliveries.intent_in(url.partition("?")[2]) != decision.intent:
            raise AssertionError("an intent changes on its way through a URL")
    return "Delivery"


# ---------------------------------------------------------------------------------------------------------------------
# Graphs and rows


def _graph(data: bytes, syntax: Syntax) -> str:
    try:
        graph = TaskGraph.loads(data.decode("utf-8", "replace"), syntax=syntax)
    except GraphFileError as error:
        str(error)
        return "GraphFileError"
    text = graph.dumps(syntax=syntax)
    again = TaskGraph.loads(text, syntax=syntax)
    if told(again) != told(graph) or again.dumps(syntax=syntax) != text:
        raise AssertionError("what was read and written is read as something else")
    return "TaskGraph"


def graph_toml(data: bytes) -> str:
    """Read a graph of TOML, write it, and read that."""
    return _graph(data, "toml")


def graph_json(data: bytes) -> str:
    """Read a graph of JSON, write it, and read that."""
    return _graph(data, "json")


_SKETCHES: Final = read_sketches(TEMPLATE, "toml", file="template")


def _rows(data: bytes, syntax: RowSyntax) -> str:
    try:
        nodes = rows_times(data.decode("utf-8", "replace"), syntax, _SKETCHES, file="rows", read_mask=str)
    except GraphFileError as error:
        str(error)
        return "GraphFileError"
    return "Nodes" if tuple(nodes) else "nothing"


def rows_csv(data: bytes) -> str:
    """Fill rows of CSV into a template."""
    return _rows(data, "csv")


def rows_jsonl(data: bytes) -> str:
    """Fill rows of JSON into a template."""
    return _rows(data, "jsonl")


# ---------------------------------------------------------------------------------------------------------------------
# Tokens and journals


def button(data: bytes) -> str:
    """Read a token: what is read was written so and not otherwise. What it says can be used."""
    pieces = Pieces(data)
    secret = pieces.choice((None, SECRET, SECRET.encode()))
    made = pieces.choice((False, True))
    text = pieces.text()
    if made:
        return _made_token(pieces.choice(follow_ups(kinds.ImagineGrid)).name, text, secret)
    try:
        choice = read_token(text, secret=secret)
    except InvalidRequestError as error:
        str(error)
        return "InvalidRequestError"
    if choice.token != text:
        raise AssertionError("two tokens for one thing")
    return "NextAction"


def _made_token(name: str, task_id: str, secret: str | bytes | None) -> str:
    """Write a token for any task id; it is read as what it was written for, and with no other secret."""
    choice = next(each for each in follow_ups(kinds.ImagineGrid) if each.name == name)
    try:
        written = token(choice, task_id, secret=secret)
    except InvalidRequestError as error:
        str(error)
        return "InvalidRequestError"
    read = read_token(written, secret=secret)
    if (read.name, read.task_id) != (name, task_id) or len(written.encode()) > 64:
        raise AssertionError("a token is read as something else")
    try:
        read_token(written, secret="another secret")
    except InvalidRequestError:
        return "token"
    raise AssertionError("a token is good with another secret")


def follow_up(data: bytes) -> str:
    """Give what a button decides, what else was given, and nothing that it does not take."""
    pieces = Pieces(data)
    choices = follow_ups(KINDS[pieces.choice(KIND_NAMES)])
    if not choices:
        return "nothing"
    choice = pieces.choice(choices)
    try:
        given = json.loads(pieces.rest())
    except (ValueError, RecursionError):
        return "no JSON"
    if not isinstance(given, dict):
        return "no object"
    try:
        arguments = choice.arguments_with(cast("dict[str, object]", given))
    except InvalidRequestError as error:
        str(error)
        return "InvalidRequestError"
    if not arguments.items() >= dict(choice.fields).items():
        raise AssertionError("what a button decides was decided otherwise")
    return "arguments"


def record(data: bytes) -> str:
    """Read one record of a journal, write it, and read that."""
    try:
        read = decode(data.decode("utf-8", "surrogateescape"))
    except DamageError as error:
        str(error)
        return "DamageError"
    text = encode(read)
    if encode(decode(text)) != text:
        raise AssertionError("a record is read as something else")
    return type(read).__name__


def history(data: bytes) -> str:
    """Read all records of a journal, and begin where they end."""
    try:
        folded = fold(map(decode, data.decode("utf-8", "surrogateescape").split("\n")))
        nodes = tuple(graph_in(folded, file="journal", to_send=False))
        state = RunState(nodes, tuple(folded.keys), folded, Differences())
    except DamageError as error:
        str(error)
        return "DamageError"
    for place in range(len(nodes)):
        state.row(place)
    _ = folded.spending
    return "RunState"


TARGETS: Final[Mapping[str, Target]] = MappingProxyType(
    {
        target.__name__: target
        for target in (
            *(submission, fetch, fetch_many, account, refusal, webhook),
            *(graph_toml, graph_json, rows_csv, rows_jsonl),
            *(button, follow_up, record, history, journal_file, command),
        )
    }
)
