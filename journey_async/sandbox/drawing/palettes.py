"""The colours of the sandbox's landscapes."""

from __future__ import annotations

from colorsys import hls_to_rgb, rgb_to_hls
from typing import TYPE_CHECKING, Final, TypeAlias

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

RGB: TypeAlias = tuple[float, float, float]


@frozen(kw_only=True)
class Palette:
    """The colours of one landscape, from the top of the sky to the nearest ground."""

    zenith: RGB
    sky: RGB
    glow: RGB
    """The sky at the horizon."""
    haze: RGB
    """The farthest ridge."""
    near: RGB
    """The nearest ridge."""
    light: RGB
    """Sun, moon, stars and lit windows."""
    accent: RGB


def _palette(text: str) -> Palette:
    colours = [_parsed(code) for code in text.split()]
    zenith, sky, glow, haze, near, light, accent = colours
    return Palette(zenith=zenith, sky=sky, glow=glow, haze=haze, near=near, light=light, accent=accent)


def _parsed(code: str) -> RGB:
    red, green, blue = bytes.fromhex(code)
    return (float(red), float(green), float(blue))


MOODS: Final[Mapping[str, tuple[Palette, ...]]] = {
    "night": (
        _palette("0b1033 1f2a63 6a6fb0 3b4675 080b1c f4f1de 9d8df1"),
        _palette("071a2b 0f3b57 3a8d8c 215366 03101a e8f7f2 7fffd4"),
        _palette("150b2e 4a1d6b c0448f 5a2b73 0c0619 ffd6e8 21d4fd"),
        _palette("101a28 27405a 7b92a6 3d5266 090c12 fff3d6 e0a458"),
    ),
    "dusk": (
        _palette("2b2e5f a4508b ffb36b b06a8a 231334 fff0c9 ff6f59"),
        _palette("3d2c5c e2725b ffd08a a85f6b 2a1530 fff6dd ffb703"),
        _palette("274060 d9836c ffe0a3 8c6b78 1c1f33 fff8e0 f25f5c"),
        _palette("5c1a33 d1495b f7b267 9c3848 2a0a18 ffe8c2 ffd166"),
    ),
    "dawn": (
        _palette("7fb0c6 c9dcd8 f8e6c8 9dbab8 1f3f3e fffaf0 e07a5f"),
        _palette("94a8d0 dcd6e8 fde0d0 a9a6c8 2c2c54 fffaf4 e56b6f"),
        _palette("8bab90 d5dfc6 f8f0cc 97b08d 1c3326 fffdf0 d98c3f"),
        _palette("b98fa0 eccfc6 fdeedd c29a9f 43283a fffaf2 8a5a83"),
    ),
    "day": (
        _palette("2f79b5 7fc1e0 e6f4ea 7fa9bf 123247 fffbe6 f4a259"),
        _palette("1f8a9e 83cfc4 f6f0cf 6fb0a4 0d3b3f fffde8 ef8354"),
        _palette("4f86c6 a9cff0 fdf3d8 8fb08a 1f3d2b fffbe0 e4572e"),
        _palette("d98e4a f0c27b fbe8b8 c98f5b 4a2a1a fffbe8 2a9d8f"),
    ),
}
"""Four palettes for each time of day."""


def mix(first: RGB, second: RGB, share: float, /) -> RGB:
    """Give the colour a share of the way from the first to the second."""
    return (
        first[0] + (second[0] - first[0]) * share,
        first[1] + (second[1] - first[1]) * share,
        first[2] + (second[2] - first[2]) * share,
    )


def turned(palette: Palette, degrees: float, /) -> Palette:
    """Give the palette with every hue turned."""
    return Palette(
        zenith=_turned(palette.zenith, degrees),
        sky=_turned(palette.sky, degrees),
        glow=_turned(palette.glow, degrees),
        haze=_turned(palette.haze, degrees),
        near=_turned(palette.near, degrees),
        light=palette.light,
        accent=_turned(palette.accent, degrees),
    )


def _turned(colour: RGB, degrees: float) -> RGB:
    hue, lightness, saturation = rgb_to_hls(*(channel / 255 for channel in colour))
    red, green, blue = hls_to_rgb((hue + degrees / 360) % 1, lightness, saturation)
    return (red * 255, green * 255, blue * 255)
