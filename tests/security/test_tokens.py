"""Tokens of buttons come from whoever sees the button's data."""

from __future__ import annotations

import time

import pytest

from journey_async import InvalidRequestError
from journey_async.core.tokens import read_token


@pytest.mark.parametrize("token", ["x" * 50_000_000, "j1" + "." * 5_000_000, "\0" * 1_000_000, "💥" * 1_000_000])
def test_a_huge_token_is_refused_and_not_repeated(token: str) -> None:
    """Its length alone refuses it: nothing is hashed, and the error is short."""
    began = time.process_time()
    for secret in (None, "a secret of buttons"):
        with pytest.raises(InvalidRequestError) as caught:
            read_token(token, secret=secret)
        assert len(str(caught.value)) < 1000
    assert time.process_time() - began < 5
