"""The 30 models against the pages that describe them."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

import pytest

from journey_async.core.models import MIDJOURNEY, MODELS, OFFERED_BY_SOME, PictureModel

if TYPE_CHECKING:
    from journey_async.core.models import Model

# id, provider, how it answers, credits, image_url
TABLE = """
midjourney           Midjourney         async  4  refused
flux-pro             Black Forest Labs  async  4  refused
flux-dev             Black Forest Labs  async  2  refused
flux-schnell         Black Forest Labs  async  1  refused
flux-2-dev           Black Forest Labs  sync   1  refused
flux-2-flex          Black Forest Labs  sync   2  refused
flux-2-max           Black Forest Labs  sync   4  refused
flux-kontext-pro     Black Forest Labs  sync   4  required
flux-kontext-max     Black Forest Labs  sync   8  required
nano-banana          Google             sync   2  optional
nano-banana-2        Google             sync   4  optional
nano-banana-hd       Google             sync   3  refused
seedream-3           ByteDance          sync   2  refused
seedream-4           ByteDance          sync   3  refused
seedream-4.5         ByteDance          sync   3  refused
seedream-5-lite      ByteDance          sync   3  refused
seededit             ByteDance          sync   3  required
gpt-image-1          OpenAI             sync   2  optional
gpt-image-1.5        OpenAI             sync   3  optional
gpt-4o-image         OpenAI             sync   2  optional
grok-image           xAI                sync   3  optional
grok-image-2         xAI                sync   4  optional
z-image              Alibaba            sync   2  refused
qwen-image           Alibaba            sync   4  refused
qwen-image-edit      Alibaba            sync   4  required
ideogram-v3          Ideogram           sync   6  refused
ideogram-v3-edit     Ideogram           sync   6  required
ideogram-v3-remix    Ideogram           sync   6  required
ideogram-v3-reframe  Ideogram           sync   6  required
recraft              Recraft            sync   3  refused
"""
ROWS = [tuple(part.strip() for part in line.split("  ") if part) for line in TABLE.strip().splitlines()]
TAKERS = {
    "negative_prompt": ["flux-pro", "flux-dev", "flux-schnell", "flux-2-dev", "flux-2-flex", "flux-2-max"],
    "output_format": ["flux-pro", "flux-dev", "flux-schnell"],
    "resolution": ["flux-pro", "flux-dev", "flux-schnell", "nano-banana-2", "nano-banana-hd"],
}


def row(model: Model) -> tuple[str, ...]:
    return (model.id, model.provider, model.mode, str(model.credits), model.image_url)


def test_the_table_of_models_is_the_published_one() -> None:
    assert [row(model) for model in MODELS.values()] == ROWS
    assert len(MODELS) == 30


def test_every_model_is_found_under_its_own_id() -> None:
    assert [model.id for model in MODELS.values()] == list(MODELS)


@pytest.mark.parametrize(("name", "takers"), TAKERS.items())
def test_a_field_that_not_every_model_takes_is_taken_by_those_whose_pages_say_so(name: str, takers: list[str]) -> None:
    assert [model.id for model in MODELS.values() if model.offers(name)] == takers


def test_a_model_takes_a_picture_unless_it_is_refused() -> None:
    takers = [model.id for model in MODELS.values() if model.offers("image_url")]

    assert takers == [model_id for model_id, *_, image_url in ROWS if image_url != "refused"]
    assert {*TAKERS, "image_url"} == set(OFFERED_BY_SOME)


def test_the_type_of_picture_models_names_every_model_but_midjourney() -> None:
    assert [MIDJOURNEY, *get_args(PictureModel)] == list(MODELS)
