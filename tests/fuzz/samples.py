"""Inputs that reach deep: what the service publishes, what the package writes, what would break a careless reader."""

from __future__ import annotations

import json
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from journey_async.core import kinds
from journey_async.core.follow_ups import follow_ups
from journey_async.core.tokens import token
from tests.core import samples
from tests.fuzz.command import WORDS
from tests.fuzz.journals import RECORDS
from tests.fuzz.pieces import joined
from tests.fuzz.targets import KIND_NAMES, SECRET, STATUSES
from tests.graph.chance import LEAST

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_DATE: Final = "Wed, 21 Oct 2026 07:28:00 GMT"
_ECHO: Final = b'{"errors": [{"msg": "whsec_0123456789abcdef is short"}], "\\u0077hsec_0123456789abcdef": 1}'
_LEVELS: Final = (60, 300, 450, 900, 5000)
DEEP: Final = tuple(b"[" * levels + b"]" * levels for levels in _LEVELS)
_SHALLOW_OR_TOO_DEEP: Final = (DEEP[0], DEEP[-1])
_BODIES: Final = (
    *(samples.SUBMITTED, samples.SYNCHRONOUS, samples.WEBHOOK_FINISHED, samples.WEBHOOK_FAILED, samples.DESCRIBED),
    *(samples.SHORTENED, samples.FETCH_PROCESSING, samples.FETCH_GRID, samples.FETCH_PICTURE, samples.FETCH_FAILED),
    *(samples.FETCH_UPSCALED, samples.FETCH_MANY, samples.ACCOUNT, samples.TWO_MESSAGES, samples.NO_CREDITS, _ECHO),
    *(b'{"credits": 1e308, "total_images": "7"}', b"\xef\xbb\xbf{}", samples.ACCOUNT.decode().encode("utf-16")),
    *(b"1" * 5000, b'"\\ud800"', *_SHALLOW_OR_TOO_DEEP),
)


def _replies() -> list[bytes]:
    headers = (("", "", ""), ("120", "", ""), (_DATE, _DATE, ""), ("", "", "https://elsewhere.example/api"))
    made = [joined(0, 0, 0, *headers[0], body) for body in _BODIES]
    made += [joined(kind, 1, 0, *headers[0], samples.FETCH_GRID) for kind in range(len(KIND_NAMES))]
    made += [
        joined(0, 2, status, *headers[0], body)
        for status in range(len(STATUSES))
        for body in (_ECHO, *_SHALLOW_OR_TOO_DEEP)
    ]
    return made + [joined(0, 0, status, *given, samples.TOO_MANY) for status in (4, 7) for given in headers]


def _deliveries() -> list[bytes]:
    secret = f"Host: here\nX-Webhook-Secret: {SECRET}"
    bodies = (samples.WEBHOOK_FINISHED, samples.WEBHOOK_FAILED, samples.DESCRIBED, b"{}", b"[]", *DEEP)
    made = [joined(0, secret, "a=b&intent=i%201", body) for body in bodies]
    return [*made, joined(1, secret, "", b""), joined(0, f"{secret}\nx-webhook-secret: 2", "", b"{}")]


def _graphs(syntax: str) -> list[bytes]:
    tables: dict[str, dict[str, object]] = {"old": {"existing": "550e8400", "kind": "UpscaledPicture"}}
    for number, (name, fields) in enumerate(LEAST.items()):
        tables[f"n{number}"] = {"action": name.split(" ")[0], **_written(fields)}
    for child, parent in (("n2", "n0"), ("n3", "n0"), ("n9", "old"), ("n10", "old")):
        tables[child]["parent"] = parent
    whole = [{key: table} for key, table in tables.items()]
    whole += [{key: tables[key] for key in ("n2", "n0", "n9", "old")}, {}]
    if syntax == "json":
        deep = [b'{"nodes": {"a": {"action": "imagine", "prompt": "e", "extra": {"b": %b}}}}' % each for each in DEEP]
        return [*(json.dumps({"nodes": nodes}).encode() for nodes in whole), *deep]
    deep = [b'[nodes.a]\naction = "imagine"\nprompt = "e"\nextra = {b = %b}' % each for each in DEEP]
    dotted = [b"[nodes." + b".".join([b"a"] * levels) + b"]" for levels in _LEVELS]
    return [
        *(_toml(nodes).encode() for nodes in whole),
        *deep,
        *dotted,
        b"[nodes.a]\nextra.a = 07:32:00",
    ]


def _written(fields: Mapping[str, object]) -> dict[str, object]:
    return {name: "iVBORw0KGgo=" if isinstance(value, bytes) else value for name, value in fields.items()}


def _toml(nodes: Mapping[str, Mapping[str, object]]) -> str:
    tables = (
        f"[nodes.{key}]\n" + "\n".join(f"{name} = {json.dumps(value)}" for name, value in table.items())
        for key, table in nodes.items()
    )
    return "\n".join(tables)


def _rows(syntax: str) -> list[bytes]:
    if syntax == "csv":
        return [
            b'name,prompt,style,tile\nelk,an elk,oil,1\nfox,"a ""fox""\r\n",ink,5\n',
            b"name,prompt,style,tile\nelk,an elk,oil,1\nfox,a fox,ink,4\n",
            b"key,prompt\n1,2,3\n",
            b'a,a, \n"',
            b"prompt,style,tile\n{style},}},2\n" * 2,
        ]
    rows: tuple[dict[str, object], ...] = (
        {"name": "elk", "prompt": "an elk", "style": 7.5, "tile": 1},
        {"key": None, "prompt": [], "style": True},
    )
    made = [b"\n".join(json.dumps(row).encode() for row in rows), *(b'{"prompt": %b}' % each for each in DEEP)]
    good = json.dumps(rows[0]).encode()
    return [*made, good, b'{"name": 1, "name": 2}', b"[]\n\n1"]


def _buttons() -> list[bytes]:
    ids = (samples.GRID_ID, "t1", "ä" * 23, "A" * 48)
    grid = follow_ups(kinds.ImagineGrid)
    read = [joined(0, 0, token(choice, task_id)) for choice in grid for task_id in ids[:2]]
    signed = [joined(1, 0, token(grid[0], samples.GRID_ID, secret=SECRET))]
    return [*read, *signed, *(joined(secret, 1, task_id, secret) for secret in range(3) for task_id in ids)]


def _follow_ups() -> list[bytes]:
    given = (b"{}", b'{"prompt": "an elk"}', b'{"index": 2}', b'{"webhook_url": null, "zoom_ratio": 1.5}')
    return [joined(kind, each, body) for kind in range(len(KIND_NAMES)) for each in (0, 9) for body in given]


def _command_lines() -> list[bytes]:
    lines = (
        *("--help", "--version", "imagine an elk --index 1", "models --json", "rules --mermaid", "fetch t1 t2 --wait"),
        *("plan graph.toml --json", "plan rows.csv --template graph.json", "run graph.toml --key-file key"),
        *("run graph.json --budget nan --in-flight 0", "resume journal.db", "settle journal.db t1 --abandon"),
        *("diagram graph.json --mermaid", "gallery journal.db --out folder", "upscale-1x t1 --index 5"),
        *("inpaint t1 --mask mask.png --extra {}", "account --key-file nothing.toml", "shorten -- -1"),
    )
    return [bytes(WORDS.index(word) for word in line.split(" ")) for line in lines]


_EDITS: Final = (b"", b"\0\x10\0", b"\0\x0f\xff\0\x10\x41", b"\x10\x03\x01", b"\0\x44\0", b"\x0f\xff\x58\x01\0\0")

SAMPLES: Final[Mapping[str, Sequence[bytes]]] = MappingProxyType(
    {
        **dict.fromkeys(("submission", "fetch", "fetch_many", "account", "refusal"), _replies()),
        "webhook": _deliveries(),
        "graph_toml": _graphs("toml"),
        "graph_json": _graphs("json"),
        "rows_csv": _rows("csv"),
        "rows_jsonl": _rows("jsonl"),
        "button": _buttons(),
        "follow_up": _follow_ups(),
        "record": [*(each.encode() for each in RECORDS), *DEEP],
        "history": ["\n".join(RECORDS[:most]).encode() for most in range(1, len(RECORDS) + 1)],
        "journal_file": _EDITS,
        "command": _command_lines(),
    }
)
