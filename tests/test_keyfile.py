"""Tests of L{txnames.keyfile}."""

import shutil
import subprocess
from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from txnames.keyfile import readKeys
from txnames.tsig import ALGORITHMS, Key

SECRET = bytes(range(32))
TEXT = b64encode(SECRET).decode()
KEY = Key("one.example", SECRET)


def one(algorithm: str = "hmac-sha256", secret: str = f'"{TEXT}"', name: str = "one.example") -> str:
    """A key as it is usually written."""
    return f'key "{name}" {{\n\talgorithm {algorithm};\n\tsecret {secret};\n}};\n'


def failure(text: str) -> str:
    """What is said of a file that is refused."""
    with pytest.raises(ValueError, match=r"^keys line \d+: ") as caught:
        readKeys(text.encode("latin-1"), "keys")
    return str(caught.value)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_algorithms(algorithm: str) -> None:
    """Each algorithm that there is can be named, in any case and as an absolute name too."""
    for written in (algorithm, algorithm.upper(), f'"{algorithm}."'):
        keys = readKeys(one(written).encode())
        assert keys == {KEY.name.folded: Key("one.example", SECRET, algorithm)}
        assert str(keys.named("one.example").algorithm) == algorithm


def test_several() -> None:
    """A file has any number of keys, with comments of all kinds and in free spacing."""
    text = f"""\
// The first one.
{one()}
/* The "second" one, whose statements
   are the other way round; */
key two.Example{{secret {TEXT};algorithm hmac-sha1 ;}} ; # and so on
KEY 'a\\.b' // with a name that is odd
{{ Algorithm "hmac-sha512"; Secret "AP 8 =\t"; }};"""
    keys = readKeys(text.encode())
    assert list(keys.values()) == [
        KEY,
        Key("two.example", SECRET, "hmac-sha1"),
        Key("'a\\.b'", b"\0\xff", "hmac-sha512"),
    ]


@pytest.mark.parametrize("text", ["", "\n", "// nothing", "/* nothing */ # at all"])
def test_empty(text: str) -> None:
    """A file without keys is none that is wrong."""
    assert readKeys(text.encode()) == {}


def test_slash() -> None:
    """A slash is one of the digits of Base64, with quotes and without; but two begin a comment outside of quotes."""
    assert readKeys(one(secret='"ab//cd+/"').encode()).named("one.example").secret == b"\x69\xbf\xff\x71\xdf\xbf"
    assert readKeys(one(secret="a/b/").encode()).named("one.example").secret == b"\x6b\xf6\xff"
    assert failure(one(secret="abcd//cd+/")) == "keys line 4: ';' expected after the secret"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("\n" + one() + one(name="ONE.example."), "line 6: a second key of the name 'ONE.example'"),
        (one("hmac-md5"), "line 2: hmac-md5 is not safe any more"),
        (one("HMAC-MD5.SIG-ALG.REG.INT"), "line 2: hmac-md5 is not safe any more"),
        (
            one("hmac-sha3"),
            f"line 2: the algorithm has to be one of {', '.join(ALGORITHMS)}, 'hmac-sha3' is not",
        ),
        (one("c2VjcmV0"), "line 2: the algorithm has to be one of hmac-sha1"),
        (one("hmac-sha1; algorithm hmac-sha1"), "line 2: a second algorithm of the key 'one.example'"),
        (one("hmac-sha1; secret c2VjcmV0"), "line 3: a second secret of the key 'one.example'"),
        (one("hmac-sha1; secrt c2VjcmV0"), "line 2: 'algorithm', 'secret' or '}' expected"),
        (one("hmac-sha1; {"), "line 2: 'algorithm', 'secret' or '}' expected"),
        (one("hmac-sha1 c2VjcmV0"), "line 2: ';' expected after the algorithm"),
        (one(";"), "line 2: the name of an algorithm expected"),
        (one(secret=""), "line 3: a secret in Base64 expected"),
        (one(secret='""'), "line 3: a secret in Base64 expected"),
        (one(secret='" "'), "line 3: the secret of the key 'one.example' is empty"),
        (one(secret="c2VjcmV0c"), "line 3: the secret of the key 'one.example' is no Base64"),
        (one(secret='"c2VjcmV0\xe9"'), "line 3: the secret of the key 'one.example' is no Base64"),
        (one(secret='"c2Vj-mV0"'), "line 3: the secret of the key 'one.example' is no Base64"),
        (one(secret='"c2VjcmV0\n"'), "line 3: a quoted string that does not end"),
        ("\nkey one { algorithm hmac-sha1;\n};", "line 2: the key 'one' has no secret"),
        ('\nkey one { secret "c2VjcmV0";\n};', "line 2: the key 'one' has no algorithm"),
        ('\nkey one { secret "c2VjcmV0";\n', "line 2: the key 'one' does not end"),
        ("key one { secret c2VjcmV0", "line 1: ';' expected after the secret"),
        ("key one {\nsecret\n", "line 3: a secret in Base64 expected"),
        (one().rstrip(";\n"), "line 4: ';' expected after '}'"),
        ("key one hmac-sha1 c2VjcmV0;", "line 1: '{' expected after the name of the key"),
        ("key one\n", "line 2: '{' expected after the name of the key"),
        ("key { secret c2VjcmV0; };", "line 1: the name of the key expected"),
        ("key", "line 1: the name of the key expected"),
        ("key . {", "line 1: the name of the key is the root"),
        ("key a..b {", "line 1: the name of the key: an empty label"),
        ("\n\noptions { };", "line 3: 'key' expected"),
        ("secret c2VjcmV0;", "line 1: 'key' expected"),
        ("{", "line 1: 'key' expected"),
        ("\n/* c2VjcmV0", "line 2: a comment that does not end"),
    ],
)
def test_refused(text: str, reason: str) -> None:
    """What is wrong is told with its line, and without anything that could be a secret."""
    said = failure(text)
    assert said.startswith(f"keys {reason}")
    assert "c2V" not in said
    assert TEXT not in said


def test_namelessFile() -> None:
    """A file without a name is told of by its line alone."""
    with pytest.raises(ValueError, match=r"^line 1: 'key' expected$"):
        readKeys(b"x")


@given(st.text(st.sampled_from('key{};"/*#\n \\.abhmac-sha1=lgoritmsec'), max_size=60) | st.binary(max_size=30))
def test_anything(text: str | bytes) -> None:
    """Whatever a file holds, it gives keys or a C{ValueError}."""
    octets = text if isinstance(text, bytes) else text.encode()
    try:
        readKeys(octets, "keys")
    except ValueError as error:
        assert str(error).startswith("keys line ")  # noqa: PT017  # reason: there need not be an error


@pytest.mark.interop
@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_bindWritesIt(algorithm: str) -> None:
    """What BIND's tool makes is a key."""
    program = shutil.which("tsig-keygen") or "/usr/sbin/tsig-keygen"
    made = subprocess.run([program, "-a", algorithm, "Key.example"], check=True, capture_output=True).stdout
    key = readKeys(made).named("key.example")
    assert (str(key.algorithm), len(key.secret)) == (algorithm, key.size)
