"""Media files as they come over HTTP: what their first bytes, headers and links say."""

from __future__ import annotations

import ipaddress
import re
import zlib
from typing import TYPE_CHECKING, Final
from urllib.parse import urljoin, urlsplit

from journey_async.core.checks import is_url, picture_type
from journey_async.values import frozen

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

HEAD: Final = 32
"""Bytes that are enough to tell what a file is."""
PICTURES: Final = frozenset({"png", "jpg", "webp", "gif", "avif"})
VIDEOS: Final = frozenset({"mp4", "mov", "webm", "webp", "gif"})
PIECE: Final = 128 * 1024
"""Bytes that are read, unpacked and written at a time: few enough to hold, enough to make up for a thread's wake-up."""

_BRANDS: Final[Mapping[bytes, str]] = {b"avif": "avif", b"avis": "avif", b"qt  ": "mov"}
_STILLS: Final = frozenset({b"heic", b"heix", b"mif1", b"msf1"})
_CONTENT_RANGE = re.compile(r"\s*bytes\s+([0-9]{1,18})-([0-9]{1,18})/([0-9]{1,18}|\*)\s*", re.IGNORECASE)
_LIKE_AN_ADDRESS = re.compile(r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)\.?", re.IGNORECASE)
_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")
_LOCAL_NAT64: Final = ipaddress.IPv6Network("64:ff9b:1::/48")


def media_type(head: bytes) -> str | None:
    """Tell from its first bytes what a picture or a video is, as the extension of its name."""
    picture = picture_type(head)
    if picture is not None:
        return "jpg" if picture == "jpeg" else picture
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "gif"
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return "webm"
    brand = head[8:12]
    if head[4:8] != b"ftyp" or brand in _STILLS:
        return None
    return _BRANDS.get(brand, "mp4")


@frozen
class ContentRange:
    """Which bytes of a file a reply brings; *total* is None where the server does not tell it."""

    start: int
    total: int | None


def content_range(text: str) -> ContentRange | None:
    """Read a Content-Range header; None if it cannot be read or contradicts itself."""
    match = _CONTENT_RANGE.fullmatch(text)
    if match is None:
        return None
    start, last = int(match[1]), int(match[2])
    total = None if match[3] == "*" else int(match[3])
    return ContentRange(start, total) if start <= last and (total is None or last < total) else None


def length(text: str) -> int | None:
    """Read a Content-Length header; None if there is none."""
    return int(text) if re.fullmatch(r"[0-9]{1,18}", text) else None


def validator(headers: Mapping[str, str]) -> str:
    """Give what an If-Range header takes: the entity tag if it is a strong one, else the date; empty for neither."""
    tag = headers.get("ETag", "")
    return tag if tag.startswith('"') else headers.get("Last-Modified", "")


def link_fault(link: str, *, before: str | None = None) -> str | None:
    """Tell why *link* must not be followed, redirected to from *before*; None if it may."""
    if not is_url(link):
        return "only http and https links are followed"
    parts = urlsplit(link)
    if parts.username is not None or parts.password is not None:
        return "a link with a user name is not followed"
    if before is not None and urlsplit(before).scheme.lower() == "https" and parts.scheme.lower() != "https":
        return "a redirect from https to http is not followed"
    return None


def redirected(link: str, location: str) -> str:
    """Give the link that a Location header leads to, its own bytes as they are; empty if it cannot be read."""
    try:
        return urljoin(link, location.partition("#")[0]) if location else ""
    except ValueError:
        return ""


def shown(link: str) -> str:
    """Give *link* without what may be a secret of it: its query holds the signature, its user part a password."""
    try:
        parts = urlsplit(link)
    except ValueError:
        return "(unreadable link)"
    if parts.scheme.lower() not in {"http", "https"}:
        return f"({parts.scheme[:20] or 'no'} link)"
    plain = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
    return "".join(char if char.isprintable() else "?" for char in plain)


def is_public(address: str) -> bool:
    """Tell whether an IP address is one of the public internet, also where it wraps another address."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(parsed, ipaddress.IPv6Address):
        inner = parsed.ipv4_mapped or parsed.sixtofour or (parsed.teredo and parsed.teredo[1])
        if parsed in _NAT64:
            inner = ipaddress.IPv4Address(int(parsed) & 0xFFFFFFFF)
        if inner:
            return is_public(str(inner))
        if parsed.is_site_local or parsed in _LOCAL_NAT64:
            return False
    return parsed.is_global and not parsed.is_multicast and not parsed.is_reserved


def may_be_public(host: str) -> bool:
    """Tell whether *host* is a name, still to be resolved, or a public address; `127.1` and `0x7f000001` are not."""
    if ":" in host or _LIKE_AN_ADDRESS.fullmatch(host):
        return is_public(host)
    return True


class Unpacked:
    """Takes a body off its gzip or deflate coding, piece by piece: a small body may hold a very large file."""

    def __init__(self) -> None:
        self._unpacker = zlib.decompressobj(wbits=47)

    @property
    def whole(self) -> bool:
        """Whether the end of what was packed has been seen."""
        return self._unpacker.eof

    def pieces(self, packed: bytes) -> Iterator[bytes]:
        """Unpack what arrived. Raises `zlib.error`."""
        while packed and not self._unpacker.eof:
            yield self._unpacker.decompress(packed, PIECE)
            packed = self._unpacker.unconsumed_tail
