"""What is told about arguments that the service would refuse."""

from __future__ import annotations

import math
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey_async.core.actions import (
    Action,
    Blend,
    Describe,
    ExtendVideo,
    Faceswap,
    Imagine,
    ImagineVideo,
    Inpaint,
    Outpaint,
    Pan,
    Reroll,
    Shorten,
    Upscale1x,
    Upscale2x4x,
    UpscaleAlt,
    Variations,
)
from journey_async.errors import InvalidRequestError
from tests.core.calls import (
    CREDITS_BY_MODEL,
    LEAST,
    PROMPT,
    RATIO,
    URL,
    ZOOM,
    faults,
    made,
    messages,
)

# --- faults, argument by argument

INDEX = "index must be 1, 2, 3, or 4: 1 top-left, 2 top-right, 3 bottom-left, 4 bottom-right"


@pytest.mark.parametrize("make", [Imagine, Shorten, ImagineVideo, ExtendVideo], ids=lambda make: make.name)
@pytest.mark.parametrize("prompt", [None, "", " ", "\n\t", 7, b"an elk", ["an elk"]])
def test_a_required_prompt_is_a_text_that_is_not_blank(make: type[Action], prompt: object) -> None:
    assert messages(make, prompt=prompt) == [PROMPT]


@pytest.mark.parametrize("make", [Reroll, Inpaint, Outpaint], ids=lambda make: make.name)
@pytest.mark.parametrize("prompt", ["", " ", 7, b"an elk"])
def test_an_optional_prompt_may_be_left_out_but_not_blank(make: type[Action], prompt: object) -> None:
    assert messages(make, prompt=prompt) == [PROMPT]
    assert messages(make, prompt=None) == []


@pytest.mark.parametrize("make", [Upscale1x, Upscale2x4x, ExtendVideo], ids=lambda make: make.name)
@pytest.mark.parametrize(
    "index",
    [0, 5, -1, "0", "5", "", "01", "1 ", "+1", "\u0661", "²", 1.0, True, False, b"1", "strong", ["1"]],
)
def test_a_position_is_one_of_four(make: type[Action], index: object) -> None:
    assert messages(make, index=index) == [INDEX]


@pytest.mark.parametrize("index", [0, 5, "0", "", True, 1.0, "Strong", "creative", ("1",)])
def test_the_index_of_variations_is_a_position_or_a_strength(index: object) -> None:
    assert messages(Variations, index=index) == [
        (
            "index must be 1, 2, 3, or 4, or strong or subtle for an upscale-1x picture: "
            "1 top-left, 2 top-right, 3 bottom-left, 4 bottom-right"
        )
    ]


@pytest.mark.parametrize("make", [Variations, Upscale1x, Upscale2x4x, ExtendVideo], ids=lambda make: make.name)
@pytest.mark.parametrize("index", [1, 2, 3, 4])
def test_a_position_is_taken_as_number_and_as_text_and_sent_as_text(make: type[Action], index: int) -> None:
    as_number = made(make, {**LEAST[make], "index": index})
    as_text = made(make, {**LEAST[make], "index": str(index)})

    assert isinstance(as_number, Action)
    assert as_number == as_text
    assert as_number.body()["index"] == str(index)


@pytest.mark.parametrize("make", [Variations, Upscale1x, ExtendVideo], ids=lambda make: make.name)
def test_a_required_position_cannot_be_none(make: type[Action]) -> None:
    assert len(messages(make, index=None)) == 1


@pytest.mark.parametrize("make", [Imagine, Outpaint], ids=lambda make: make.name)
@pytest.mark.parametrize("ratio", ["", "16x9", "5:4", "1:1 ", "1:01", 1, 1.5, ("16", "9")])
def test_an_aspect_ratio_is_one_of_the_published_seven(make: type[Action], ratio: object) -> None:
    assert messages(make, aspect_ratio=ratio) == [RATIO]


@pytest.mark.parametrize("ratio", ["1:1", "16:9", "9:16", "4:3", "3:4", "3:2", "2:3"])
def test_the_published_aspect_ratios_are_taken(ratio: str) -> None:
    assert Imagine(prompt="an elk", aspect_ratio=ratio).body()["aspect_ratio"] == ratio


@pytest.mark.parametrize(
    ("make", "argument", "value", "message"),
    [
        (Imagine, "output_format", "gif", "output_format is unknown: use png, jpg"),
        (Imagine, "resolution", "8K", "resolution is unknown: use 1K, 2K, 4K"),
        (Imagine, "resolution", 2, "resolution is unknown: use 1K, 2K, 4K"),
        (UpscaleAlt, "type", "strong", "type is unknown: use subtle, creative"),
        (UpscaleAlt, "type", None, "type is unknown: use subtle, creative"),
        (Upscale2x4x, "type", "3x", "type is unknown: use 2x, 4x"),
        (Upscale2x4x, "type", 2, "type is unknown: use 2x, 4x"),
        (Pan, "direction", "west", "direction is unknown: use up, down, left, right"),
        (Pan, "direction", "Up", "direction is unknown: use up, down, left, right"),
        (Blend, "dimension", "wide", "dimension is unknown: use square, portrait, landscape"),
        (ImagineVideo, "motion", "fast", "motion is unknown: use low, high"),
        (ExtendVideo, "motion", "", "motion is unknown: use low, high"),
    ],
)
def test_a_choice_is_one_of_those_that_the_message_lists(
    make: type[Action], argument: str, value: object, message: str
) -> None:
    model = {"model": "flux-pro"} if make is Imagine else {}
    given_too = {argument: value, **model}

    assert faults(make, **{**LEAST[make], **given_too}) == [(argument, message)]


@pytest.mark.parametrize("model", ["Midjourney", "flux", "", None, 7, ["midjourney"], {"a": 1}])
def test_an_unknown_model_is_refused_with_the_list_of_all(model: object) -> None:
    (message,) = messages(Imagine, model=model)

    assert message == f"model is unknown: use {', '.join(CREDITS_BY_MODEL)}"


@pytest.mark.parametrize("text", ["", "x", "x" * 4000])
def test_a_negative_prompt_has_at_most_4000_characters(text: str) -> None:
    assert messages(Imagine, model="flux-pro", negative_prompt=text) == []


@pytest.mark.parametrize("value", ["x" * 4001, 7, b"people"])
def test_a_longer_negative_prompt_is_refused(value: object) -> None:
    assert messages(Imagine, model="flux-pro", negative_prompt=value) == [
        "negative_prompt must be a text of at most 4000 characters"
    ]


def test_a_long_negative_prompt_is_not_repeated_in_the_message() -> None:
    with pytest.raises(InvalidRequestError) as caught:
        Imagine(prompt="an elk", model="flux-pro", negative_prompt="x" * 5000)

    assert str(caught.value) == (
        "imagine: negative_prompt must be a text of at most 4000 characters (got negative_prompt='5000 characters'). "
        "Nothing was sent."
    )


NEEDY = [
    *("seededit", "qwen-image-edit", "flux-kontext-pro", "flux-kontext-max"),
    *("ideogram-v3-edit", "ideogram-v3-remix", "ideogram-v3-reframe"),
]


@pytest.mark.parametrize("model", NEEDY)
def test_an_editing_model_requires_a_picture(model: str) -> None:
    assert faults(Imagine, prompt="an elk", model=model) == [("image_url", f"image_url is required by model {model}")]
    assert faults(Imagine, prompt="an elk", model=model, image_url=URL) == []


@pytest.mark.parametrize("model", ["nano-banana", "nano-banana-2", "gpt-image-1", "gpt-image-1.5", "gpt-4o-image"])
def test_some_models_take_a_picture_that_may_be_left_out(model: str) -> None:
    assert faults(Imagine, prompt="an elk", model=model) == []
    assert faults(Imagine, prompt="an elk", model=model, image_url=URL) == []


@pytest.mark.parametrize(
    ("model", "argument", "value", "takers"),
    [
        (
            "midjourney",
            "negative_prompt",
            "people",
            "flux-pro, flux-dev, flux-schnell, flux-2-dev, flux-2-flex, flux-2-max",
        ),
        ("z-image", "output_format", "png", "flux-pro, flux-dev, flux-schnell"),
        ("midjourney", "resolution", "2K", "flux-pro, flux-dev, flux-schnell, nano-banana-2, nano-banana-hd"),
        (
            "flux-pro",
            "image_url",
            URL,
            (
                "flux-kontext-pro, flux-kontext-max, nano-banana, nano-banana-2, seededit, gpt-image-1, gpt-image-1.5, "
                "gpt-4o-image, grok-image, grok-image-2, qwen-image-edit, ideogram-v3-edit, ideogram-v3-remix, "
                "ideogram-v3-reframe"
            ),
        ),
    ],
)
def test_a_field_that_the_model_does_not_take_is_refused_with_those_that_do(
    model: str, argument: str, value: str, takers: str
) -> None:
    message = f"model {model} takes no {argument}: leave it out, or use one of {takers}"

    assert faults(Imagine, **{"prompt": "an elk", "model": model, argument: value}) == [(argument, message)]


@pytest.mark.parametrize(
    ("make", "argument"),
    [
        (Imagine, "image_url"),
        (Upscale2x4x, "image_url"),
        (Describe, "image_url"),
        (Faceswap, "target_image_url"),
        (Faceswap, "swap_image_url"),
        (ImagineVideo, "image_url"),
        (ExtendVideo, "image_url"),
    ],
)
@pytest.mark.parametrize(
    "url",
    [
        *("", "photo.jpg", "/photo.jpg", "//example.com/photo.jpg", "example.com/photo.jpg", "ftp://example.com/a.jpg"),
        *("http://", "http:///a.jpg", "https://:443/a.jpg", "https://example.com:0/a.jpg", "https://e.com:99999/"),
        *("https://exam ple.com/a.jpg", "https://example.com/a b.jpg", "https://example.com/\n", "https://[::1/a.jpg"),
        *("data:image/png;base64,AAAA", "file:///etc/passwd", "javascript:alert(1)", 7, b"https://example.com/a.jpg"),
        ["https://example.com/a.jpg"],
    ],
)
def test_the_url_of_a_picture_is_an_absolute_one(make: type[Action], argument: str, url: object) -> None:
    model = {"model": "gpt-image-1"} if make is Imagine else {}
    given_too = {argument: url, **model}

    assert messages(make, **given_too) == [f"{argument} must be an http or https URL that the service can reach"]


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com",
        "HTTPS://EXAMPLE.COM/a.jpg",
        "https://münchen.de/ü.jpg?q=1#x",
        "http://127.0.0.1:8080/a.png",
    ],
)
def test_http_and_https_urls_are_taken_as_they_are(url: str) -> None:
    assert Describe(image_url=url).body() == {"image_url": url}


@pytest.mark.parametrize("count", [2, 3, 4, 5])
def test_a_blend_takes_two_to_five_pictures(count: int) -> None:
    assert Blend(image_urls=[URL] * count).body() == {"image_urls": (URL,) * count}


@pytest.mark.parametrize("urls", [[], [URL], [URL] * 6, None, 7, URL, URL.encode(), {}, {URL: 1}])
def test_another_number_of_pictures_is_refused(urls: object) -> None:
    assert messages(Blend, image_urls=urls) == ["image_urls must contain 2-5 URLs"]


@pytest.mark.parametrize("bad", ["photo.jpg", "", None, 7, b"https://example.com/a.jpg"])
def test_a_blend_names_the_pictures_that_are_no_urls(bad: object) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        Blend(image_urls=cast("Any", [URL, bad, URL]))

    (fault,) = caught.value.faults
    assert (fault.argument, fault.value) == ("image_urls", [bad])
    assert fault.message == "image_urls must contain 2-5 URLs: each an http or https URL that the service can reach"


@pytest.mark.parametrize("several", [[URL, URL], (URL, URL), iter([URL, URL]), {URL: 1, f"{URL}?2": 2}.keys()])
def test_the_pictures_of_a_blend_come_in_any_iterable(several: Any) -> None:
    assert len(Blend(image_urls=several).image_urls) == 2


@pytest.mark.parametrize(
    ("ratio", "sent"),
    [
        (1, "1"),
        (1.0, "1"),
        (2, "2"),
        (2.0, "2"),
        (1.5, "1.5"),
        (1.25, "1.25"),
        (1.1, "1.1"),
        (1 / 3 + 1, "1.3333333333333333"),
        ("1", "1"),
        ("1.5", "1.5"),
        ("2", "2"),
        ("2.0", "2.0"),
    ],
)
def test_a_zoom_is_sent_as_the_shortest_decimal_text(ratio: float | str, sent: str) -> None:
    assert Outpaint(zoom_ratio=ratio).body() == {"zoom_ratio": sent}


@pytest.mark.parametrize(
    "ratio",
    [
        *(0, 0.99, 2.01, -1.5, 3, math.nan, math.inf, -math.inf, 1e300, 5e-324, True, None),
        *(
            "",
            "x",
            "1,5",
            "+2",
            "-1",
            "1e0",
            "0x1",
            " 2",
            "2 ",
            "2\n",
            "1.",
            ".5",
            "nan",
            "\u0661",
            "9" * 400,
            b"2",
            [2],
        ),
    ],
)
def test_a_zoom_is_a_number_from_1_to_2(ratio: object) -> None:
    assert messages(Outpaint, zoom_ratio=ratio) == [ZOOM]


@given(st.floats(1, 2))
def test_every_zoom_from_1_to_2_is_sent_exactly(ratio: float) -> None:
    assert float(Outpaint(zoom_ratio=ratio).zoom_ratio) == ratio
