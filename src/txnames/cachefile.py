"""Caches in files, from one run of a program to the next.

A file is text: a first line that names the format, one JSON array a line for each answer, and at the end the SHA-256 of
all of that.  It is for the machine that wrote it; what is damaged is not read at all.
"""

from __future__ import annotations

import hashlib
import json
import os
from base64 import b64decode, b64encode
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from twisted.python import log

from txnames.wire.options import ExtendedErrorOption
from txnames.zone.answer import Section

__all__ = ["Kept", "read", "write"]

_FIRST = b"txnames cache 2\n"

Kept = tuple[
    tuple[bytes, int, int, int],
    int,
    tuple[Section, Section, Section],
    tuple[ExtendedErrorOption, ...],
    float,
    float,
]
"""An answer: its key, response code, sections and reasons, when it came, and when its time is up."""


def write(path: str, entries: Iterable[Kept]) -> None:
    """Write a file.

    @raise OSError: that failed; the old file is as it was.
    """
    temporary = f"{path}.new"
    digest = hashlib.sha256(_FIRST)
    try:
        with open(temporary, "wb") as file:
            file.write(_FIRST)
            for entry in entries:
                line = _line(entry)
                digest.update(line)
                file.write(line)
            file.write(digest.hexdigest().encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise


def _line(entry: Kept) -> bytes:
    """An answer as a line."""
    (name, kind, cls, variant), rcode, sections, errors, stored, expires = entry
    packed = [[[_text(owner), _text(data)] for owner, data in section] for section in sections]
    reasons = [[error.info, error.text] for error in errors]
    return json.dumps([_text(name), kind, cls, variant, rcode, packed, reasons, stored, expires]).encode() + b"\n"


def _text(octets: bytes) -> str:
    """Octets in Base64."""
    return b64encode(octets).decode("ascii")


def read(path: str) -> list[Kept]:
    """Read a file; nothing, where there is none, or it is damaged, which the log says."""
    try:
        with open(path, "rb") as file:
            octets = file.read()
    except FileNotFoundError:
        return []
    except OSError as error:
        log.msg(f"the cache in {path} was not loaded: {error.strerror or error}")
        return []
    body, last = octets[:-65], octets[-65:]
    if not body.startswith(_FIRST) or last != hashlib.sha256(body).hexdigest().encode() + b"\n":
        log.msg(f"the cache in {path} was not loaded: it is damaged, or of another version")
        return []
    return [_entry(json.loads(line)) for line in body[len(_FIRST) :].splitlines()]


def _entry(line: Any) -> Kept:
    """An answer of a line."""
    name, kind, cls, variant, rcode, packed, reasons, stored, expires = line
    answer, authority, additional = [[(b64decode(owner), b64decode(data)) for owner, data in one] for one in packed]
    errors = tuple(ExtendedErrorOption(info, text) for info, text in reasons)
    return (b64decode(name), kind, cls, variant), rcode, (answer, authority, additional), errors, stored, expires
