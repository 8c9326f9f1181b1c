"""$GENERATE makes lines of a pattern and a range."""

import pytest

from txnames.error import RdataTextError
from txnames.zone.generate import MAX_GENERATED, generate
from txnames.zone.tokens import cut


def lines(text: str) -> list[str]:
    """The lines that a directive stands for."""
    return [line.decode("latin-1") for line in generate(cut(text.encode("latin-1")).items)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1-3 h$ A $", ["h1 A 1", "h2 A 2", "h3 A 3"]),
        ("01-05/02 h A x", ["h A x"] * 3),
        ("0-100/50 $.x A $$", ["0.x A $", "50.x A $", "100.x A $"]),
        ("7-7 h$$ 1h IN TXT a", ["h$ 1h IN TXT a"]),
        ("7-7 h\\$$ TXT \\036$", ["h\\$7 TXT \\0367"]),
        ("1-2 h${10} A ${-5}", ["h11 A -4", "h12 A -3"]),
        ("1-1 ${-4,3} A ${0,0}", ["-03 A 1"]),
        ("10-10 ${0,3,d} A ${0,1,d}", ["010 A 10"]),
        ("10-10 ${0,4,o} A ${0,0,o}", ["0012 A 12"]),
        ("11-11 ${0,3,x} A ${0,0,X}", ["00b A B"]),
        ("1-1 ${-2,0,x} A ${-2,3,n}", ["ffffffff A f.f.f.f.f.f.f.f"]),
        ("18-18 ${0,0,n} A ${0,3,n}", ["2.1 A 2.1"]),
        ("0-0 ${0,0,n} A ${0,7,n}", ["0 A 0.0.0.0"]),
        ("18-18 ${1000,7,N} A ${0,8,n}", ["A.F.3.0 A 2.1.0.0."]),
        ('1-1 h TXT "a \\"$\\" b"', ['h TXT a "1" b']),
        ("2147483647-2147483647 h A $", ["h A 2147483647"]),
    ],
)
def test_lines(text: str, expected: list[str]) -> None:
    """A dollar is the number, with offset, width and base in braces; two are one, and so is one after a backslash."""
    assert lines(text) == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "$GENERATE needs a range, an owner, a type and the data"),
        ("1-2 h A", "$GENERATE needs a range, an owner, a type and the data"),
        *[
            (f"{text} h A $", f"'{text}' is not a range such as 1-10 or 0-100/2")
            for text in ("1", "a-b", "3-1", "-1-2", "1-3/0", "1-3/", "1-3/-1", "0-2147483648", "1-2/2147483648")
        ],
        ('"1-2" h A $', "'1-2' is not a range such as 1-10 or 0-100/2"),
        (f"0-{MAX_GENERATED} h A $", f"{MAX_GENERATED + 1} lines from one $GENERATE, {MAX_GENERATED} are allowed"),
        ('1-2 "h" A $', "only the data of $GENERATE stands in quotes"),
        ('1-2 h "A" $', "only the data of $GENERATE stands in quotes"),
        *[
            (f"1-2 h{text} A $", f"'{text}' is not ${{offset,width,base}}")
            for text in ("${}", "${a}", "${,2}", "${1,}", "${1,2,q}", "${1,2,d,4}", "${1,256}", "${+1}")
        ],
        ("1-2 h${1 A $", "'${' is not ${offset,width,base}"),
    ],
)
def test_errors(text: str, reason: str) -> None:
    """What is no range or no pattern is an error, before any line is made."""
    with pytest.raises(RdataTextError) as caught:
        lines(text)
    assert str(caught.value) == reason
