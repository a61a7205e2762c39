"""From values to the page: templates filled with every text escaped, and the same pieces again for an open page."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final
from zlib import crc32

from attrs import field, frozen
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from journey_async.gallery import words
from journey_async.gallery.drawing import drawing
from journey_async.gallery.pictures import Shot
from journey_async.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from journey_async.gallery.model import Entry, Show

GENERATOR: Final = "journey-async"
"""What the pages call their maker, before its version."""
POLICY: Final = (
    "default-src 'none'; img-src 'self'; media-src 'self'; script-src 'self'; style-src 'self'; "
    "base-uri 'none'; form-action 'none'"
)
"""What the browser is to allow the page: its own folder's pictures, script and style, and nothing else."""
TALL: Final = 1.15
WIDE: Final = 1.6
_NO_SHOT: Final = Shot()


@frozen(kw_only=True)
class Page:
    """The files that are written anew whenever the run has changed."""

    index: bytes
    parts: bytes
    """Every piece of the page again, for a page that is open already."""
    pulse: bytes
    """Says in a line whether there is anything new."""
    version: str


@frozen
class _Part:
    mark: str
    html: Markup


class Pages:
    """Makes the pages of one gallery, remembering the pieces that have not changed."""

    def __init__(self) -> None:
        self._templates = _environment()
        self._pieces = self._templates.get_template("parts.html").module
        self._cards: dict[int, tuple[_Card, _Part]] = {}

    def page(self, show: Show, shots: Mapping[str, Shot], *, live: bool) -> Page:
        """Make the page of *show*; *live* tells an open page to look for news."""
        parts = dict(self._parts(show, shots))
        shape = _mark(json.dumps([[entry.key, entry.parent] for entry in show.entries]))
        version = _mark("".join((shape, str(live), *(part.mark for part in parts.values()))))

        def part(name: str) -> Markup:
            return _slot(name, parts[name])

        index = self._templates.get_template("page.html").render(
            show=show,
            live="yes" if live else "no",
            shape=shape,
            version=version,
            policy=POLICY,
            generator=f"{GENERATOR} {__version__}",
            parts=self._pieces,
            part=part,
        )
        news = {
            "version": version,
            "shape": shape,
            "parts": [[name, part.mark, part.html] for name, part in parts.items()],
        }
        return Page(
            # Prompts may hold half a character, which no file can.
            index=index.encode(errors="replace"),
            parts=_call("galleryParts", news),
            pulse=_call("galleryPulse", {"version": version, "live": live}),
            version=version,
        )

    def _parts(self, show: Show, shots: Mapping[str, Shot]) -> Iterator[tuple[str, _Part]]:
        cards = [_card_of(entry, show, shots) for entry in show.entries]
        missing = sum(1 for card in cards if card.shot.why)
        yield "totals", self._filled("totals", show, missing)
        yield "timeline", self._filled("timeline", drawing(show.timeline, show.entries))
        yield "filters", self._filled("filters", show)
        for card in cards:
            place = card.entry.place
            known = self._cards.get(place)
            if known is None or known[0] != card:
                known = card, self._filled("card", card.entry, card.shot, card.chosen, _brief(card.entry))
                self._cards[place] = known
            yield f"n{place}", known[1]

    def _filled(self, macro: str, *values: object) -> _Part:
        html: Markup = getattr(self._pieces, macro)(*values)
        return _Part(_mark(html), html)


@frozen(kw_only=True)
class _Card:
    """All that the card of a node depends on."""

    entry: Entry
    shot: Shot
    chosen: tuple[int, ...] = field()
    """The tiles from which something was made."""


def _card_of(entry: Entry, show: Show, shots: Mapping[str, Shot]) -> _Card:
    tiles = {show.entries[child].tile for child in entry.children} - {None} if entry.grid else set[int | None]()
    shot = _NO_SHOT if entry.result is None else shots.get(entry.result.task_id, _NO_SHOT)
    return _Card(entry=entry, shot=shot, chosen=tuple(sorted(tile for tile in tiles if tile is not None)))


def _brief(entry: Entry) -> str:
    """Say in one line what sets a card apart from its neighbours."""
    told = [f"tile {entry.tile}"] if entry.tile is not None else []
    told += [value for name, value in entry.parameters if name != "index" or entry.tile is None]
    if entry.parent is not None and entry.own_prompt and entry.prompt:
        told.append(entry.prompt)
    if entry.seconds is not None:
        told.append(words.duration(entry.seconds))
    return " · ".join(told)


def _ratio(shot: Shot) -> str:
    """Tell how wide a card is to be, so that upright pictures do not tower over the others."""
    if shot.size is None:
        return ""
    width, height = shot.size
    return "upright" if height > width * TALL else "wide" if width > height * WIDE else ""


def _slot(name: str, part: _Part) -> Markup:
    return Markup('<div class="part" data-part="{}" data-mark="{}">{}</div>').format(name, part.mark, part.html)


def _mark(text: str) -> str:
    return f"{crc32(text.encode(errors='replace')):08x}"


def _call(function: str, value: object) -> bytes:
    """Write a script that hands *value* to a function; no text in it can end the script, whoever embeds it."""
    text = json.dumps(value, ensure_ascii=True)
    safe = text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    return f"{function}({safe});\n".encode()


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("journey_async.gallery"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "duration": words.duration,
        "moment": words.moment,
        "day": words.day,
        "ratio": _ratio,
    }
    return environment
