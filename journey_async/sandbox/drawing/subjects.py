"""What a prompt is about: the words that choose a place, a time of day and what stands in the landscape."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from attrs import frozen

from journey_async.sandbox.drawing.palettes import MOODS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from random import Random

_TERRAINS: Final[Mapping[str, str]] = {
    "forest": "forest forests wood woods tree trees jungle pine elk deer stag moose fox wolf bear owl mushroom",
    "mountains": "mountain mountains peak peaks alps snow dragon eagle valley glacier himalaya volcano cliff",
    "sea": "sea ocean boat ship sail island beach whale wave waves lake water lighthouse river harbor harbour coast",
    "city": "city street skyline tokyo cyberpunk neon urban building buildings skyscraper robot paris london car",
    "dunes": "desert dune dunes sand mars planet sahara camel canyon egypt astronaut",
    "hills": "field meadow village castle hill hills garden flower flowers farm horse sheep grass",
}
_MOTIFS: Final[Mapping[str, str]] = {
    "stag": "elk deer stag moose reindeer antelope",
    "wolf": "wolf fox dog cat coyote lion tiger horse bear",
    "tree": "tree oak bonsai garden flower flowers",
    "boat": "boat ship sail sailing yacht pirate",
    "tower": "tower lighthouse castle temple church rocket",
    "house": "house cabin village cottage home hut farm",
    "figure": "traveller traveler wizard monk knight samurai hiker wanderer astronaut king queen",
    "bust": "portrait woman man face girl boy person robot android head selfie headshot",
    "balloon": "balloon balloons airship zeppelin",
    "birds": "bird birds eagle crow crows raven gulls owl dragon",
}
_AT_HOME: Final[Mapping[str, tuple[str, ...]]] = {
    "forest": ("stag", "wolf", "stag", "house"),
    "mountains": ("tower", "figure", "birds", "house"),
    "sea": ("boat", "boat", "birds", "tower"),
    "city": ("birds", "balloon", "figure", "birds"),
    "dunes": ("figure", "balloon", "wolf", "figure"),
    "hills": ("tree", "house", "figure", "balloon"),
}
_MOOD_WORDS: Final[Mapping[str, str]] = {
    "night": "night moon midnight star stars dark neon cyberpunk space galaxy noir planet mars",
    "dusk": "sunset dusk golden autumn fire evening warm desert volcano epic",
    "dawn": "dawn morning mist misty fog foggy pastel soft snow winter dream portrait sunrise",
    "day": "day summer noon sunny spring bright beach blue green meadow",
}


@frozen(kw_only=True)
class Subject:
    """What is to be seen, as far as words tell."""

    terrain: str
    mood: str
    motifs: tuple[str, ...]
    """The silhouettes to choose from."""


def words_of(prompt: str, /) -> tuple[str, ...]:
    """Give the words of a prompt, without its parameters."""
    return tuple(re.findall(r"\w+", re.split(r"(?:^|\s)(?:--|\u2014)", prompt.lower())[0]))


def subject(words: Iterable[str], chance: Random, /) -> Subject:
    """Tell what some words are about; what they leave open is left to chance."""
    words = tuple(words)
    terrain = _named(words, _TERRAINS) or chance.choice(tuple(_TERRAINS))
    mood = _named(words, _MOOD_WORDS) or chance.choice(tuple(MOODS))
    motif = _named(words, _MOTIFS)
    return Subject(terrain=terrain, mood=mood, motifs=_AT_HOME[terrain] if motif is None else (motif,))


def _named(words: Iterable[str], table: Mapping[str, str]) -> str | None:
    known = {word: name for name, listed in table.items() for word in listed.split()}
    return next((known[word] for word in words if word in known), None)
