"""What first bytes, headers and links of media files say."""

from __future__ import annotations

import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey_async.core.media import (
    PICTURES,
    PIECE,
    VIDEOS,
    ContentRange,
    Unpacked,
    content_range,
    is_public,
    length,
    link_fault,
    may_be_public,
    media_type,
    redirected,
    shown,
    validator,
)
from tests.pictures import PNG


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (PNG, "png"),
        (b"\xff\xd8\xff\xe0", "jpg"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "webp"),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", None),
        (b"GIF89a\x01\x00", "gif"),
        (b"\x1a\x45\xdf\xa3\x01\x00", "webm"),
        (b"\x00\x00\x00\x18ftypisom", "mp4"),
        (b"\x00\x00\x00\x18ftypmp42", "mp4"),
        (b"\x00\x00\x00\x14ftypqt  ", "mov"),
        (b"\x00\x00\x00\x14ftypqt  \x20\x05\x03\x00qt  ", "mov"),
        (b"\x00\x00\x00\x1cftypavif", "avif"),
        (b"\x00\x00\x00\x1cftypheic", None),
        (b"<!doctype html>", None),
        (b"", None),
    ],
)
def test_first_bytes_tell_what_a_file_is(head: bytes, expected: str | None) -> None:
    assert media_type(head) == expected


@given(st.binary(max_size=40))
def test_any_bytes_are_a_known_type_or_none(head: bytes) -> None:
    assert media_type(head) in {None, *PICTURES, *VIDEOS}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("bytes 0-99/100", ContentRange(0, 100)),
        ("Bytes 5-99/*", ContentRange(5, None)),
        (" bytes  5-98/100 ", ContentRange(5, 100)),
        ("bytes 5-100/100", None),
        ("bytes 9-5/100", None),
        ("bytes */100", None),
        ("lines 0-1/2", None),
        ("", None),
        ("bytes 0-٩/10", None),
    ],
)
def test_a_content_range_is_read(text: str, expected: ContentRange | None) -> None:
    assert content_range(text) == expected


@given(st.text() | st.from_regex(r"bytes [0-9]{0,30}-[0-9]{0,30}/[0-9*]{0,30}", fullmatch=True))
def test_any_content_range_lies_within_its_file_or_is_none(text: str) -> None:
    read = content_range(text)

    assert read is None or read.start >= 0
    assert read is None or read.total is None or read.start < read.total


@pytest.mark.parametrize(
    ("text", "expected"), [("12", 12), ("0", 0), ("", None), ("-1", None), ("1e3", None), ("٩", None)]
)
def test_a_content_length_is_read(text: str, expected: int | None) -> None:
    assert length(text) == expected


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"ETag": '"a"', "Last-Modified": "then"}, '"a"'),
        ({"ETag": 'W/"a"', "Last-Modified": "then"}, "then"),
        ({"ETag": 'W/"a"'}, ""),
        ({}, ""),
    ],
)
def test_a_version_is_named_by_a_strong_tag_or_by_a_date(headers: dict[str, str], expected: str) -> None:
    assert validator(headers) == expected


@pytest.mark.parametrize("before", [None, "http://a.test/x", "HTTP://a.test/x"])
def test_http_may_follow_http(before: str | None) -> None:
    assert link_fault("http://b.test/y", before=before) is None
    assert link_fault("https://b.test/y", before=before) is None


def test_a_redirect_from_https_to_http_is_not_followed() -> None:
    assert link_fault("https://b.test/y", before="https://a.test/x") is None
    assert link_fault("http://b.test/y", before="HTTPS://a.test/x") == "a redirect from https to http is not followed"


@pytest.mark.parametrize(
    "link", ["ftp://a.test/x", "//a.test/x", "/x", "", "http://", "http://a.test/ x", "javascript:x"]
)
def test_other_links_are_not_followed(link: str) -> None:
    assert link_fault(link) == "only http and https links are followed"


@pytest.mark.parametrize("link", ["http://me@a.test/", "http://me:you@a.test/", "http://:@a.test/"])
def test_a_link_with_a_user_name_is_not_followed(link: str) -> None:
    assert link_fault(link) == "a link with a user name is not followed"


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        ("https://b.test/%7e?a=%2B#part", "https://b.test/%7e?a=%2B"),
        ("//b.test/x", "https://b.test/x"),
        ("/y?b=%2f", "https://a.test/y?b=%2f"),
        ("y", "https://a.test/x/y"),
        ("?z=1", "https://a.test/x/0.png?z=1"),
        ("", ""),
        ("http://[::1/", ""),
    ],
)
def test_a_location_is_joined_to_the_link_it_came_from(location: str, expected: str) -> None:
    assert redirected("https://a.test/x/0.png?a=1", location) == expected


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("https://a.test:8/x.png?canary#canary", "https://a.test:8/x.png"),
        ("https://me:canary@a.test/x.png", "https://a.test/x.png"),
        ("data:image/png;base64,canary", "(data link)"),
        ("canary", "(no link)"),
        (f"{'x' * 30}://a.test/canary", f"({'x' * 20} link)"),
        ("http://[canary", "(unreadable link)"),
        ("http://a.test/\x1b[2J\u202e\ud800.png", "http://a.test/?[2J??.png"),
    ],
)
def test_a_link_is_shown_without_its_secrets(link: str, expected: str) -> None:
    assert shown(link) == expected


@given(st.text())
def test_any_text_is_shown_judged_and_joined(text: str) -> None:
    assert shown(text).isprintable()
    assert isinstance(redirected("https://a.test/", text), str)
    assert link_fault(text) is None or link_fault(text)


@pytest.mark.parametrize(
    "address", ["93.184.216.34", "1.1.1.1", "2606:2800:220:1::1", "::ffff:1.1.1.1", "64:ff9b::101:101"]
)
def test_a_public_address_is_public(address: str) -> None:
    assert is_public(address)
    assert may_be_public(address)


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0"),  # noqa: S104
        *("224.0.0.1", "255.255.255.255", "240.0.0.1", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fec0::1"),
        *("ff0e::1", "::ffff:127.0.0.1", "::127.0.0.1", "2002:7f00:1::", "64:ff9b::7f00:1", "64:ff9b::c0a8:1"),
        "64:ff9b:1::101:101",
        *("127.1", "2130706433", "0x7f000001", "0177.0.0.1", "0x7f.1", "1.1.1.1.", "a:b"),
    ],
)
def test_an_address_of_ones_own_is_not_public(address: str) -> None:
    assert not is_public(address)
    assert not may_be_public(address)


@pytest.mark.parametrize("host", ["cdn.test", "localhost", "cdn.test.", "1password.com", "0xcdn", "7.cdn"])
def test_a_name_may_be_public(host: str) -> None:
    assert may_be_public(host)


@given(st.text())
def test_any_text_is_judged_as_a_host(text: str) -> None:
    assert may_be_public(text) in {True, False}


@given(st.binary(max_size=2000), st.integers(1, 50))
def test_what_was_packed_is_unpacked_however_it_arrives(data: bytes, step: int) -> None:
    for body in (gzip.compress(data), zlib.compress(data)):
        unpacked = Unpacked()
        arrivals = [body[start : start + step] for start in range(0, len(body), step)]

        assert b"".join(piece for arrival in arrivals for piece in unpacked.pieces(arrival)) == data
        assert unpacked.whole


def test_no_piece_is_large_however_small_its_package() -> None:
    pieces = [len(piece) for piece in Unpacked().pieces(gzip.compress(bytes(5_000_000)))]

    assert sum(pieces) == 5_000_000
    assert max(pieces) == PIECE


def test_a_packed_body_that_is_cut_is_not_whole() -> None:
    unpacked = Unpacked()
    list(unpacked.pieces(gzip.compress(b"elk" * 100)[:-1]))

    assert not unpacked.whole
