"""Spans of time: seconds, and the letters that zone files and Twisted's programs use for longer ones."""

from __future__ import annotations

import re
from typing import Any

__all__ = ["seconds", "str2time"]

_units = {"S": 1, "M": 60, "H": 3600, "D": 86400, "W": 604800, "Y": 31536000}
_span = re.compile(r"(?:[0-9]{1,20}[WwDdHhMmSs])+")
_part = re.compile(r"([0-9]+)([A-Za-z])")


def seconds(text: str) -> int:
    """The seconds that a number, or a span such as C{1h30m}, stands for (as BIND writes TTLs).

    @raise ValueError: neither.
    """
    if text.isascii() and text.isdigit() and len(text) <= 20:
        return int(text)
    if not _span.fullmatch(text):
        raise ValueError(f"{text!r} is not a span of time")
    return sum(int(count) * _units[unit.upper()] for count, unit in _part.findall(text))


def str2time(s: Any) -> Any:
    """The seconds that text such as C{"1D"}, C{"1h30m"} or C{"1Y"} stands for; what isn't text is given back.

    @raise ValueError: text that is no span of time.
    """
    if isinstance(s, bytes):
        s = s.decode("latin-1")
    if not isinstance(s, str):
        return s
    text = s.strip()
    if text[-1:] in ("Y", "y") and text[:-1].isdigit():
        return int(text[:-1]) * _units["Y"]
    return seconds(text)
