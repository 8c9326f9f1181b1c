"""Files of keys for transaction signatures, in the form that BIND's tools write and other servers' tools read.

A file has any number of keys, in free spacing::

    key "transfer.example" {
        algorithm hmac-sha256;
        secret "c2VjcmV0IG9jdGV0cyBpbiBCYXNlNjQ=";
    };

Quotes may be left out where nothing needs them, the two statements may come in either order, and C{//}, C{#} and
C{/* */} begin comments.  What is wrong is told with its line, but never with the words of the file that could be a
secret: not even with a word in the place of an algorithm, since the two are soon swapped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple, NoReturn

from txnames.tsig import ALGORITHMS, Key, Keyring
from txnames.wire.name import Name

__all__ = ["readKeys"]

_token = re.compile(
    r"""(?P<blank>\s+|//[^\n]*|\#[^\n]*|/\*.*?\*/)
    |   (?P<mark>[{};])
    |   "(?P<quoted>(?:[^"\\\n]|\\[^\n])*)"
    |   (?P<word>(?:[^\s{};"#/]|/(?![/*]))+)""",
    re.VERBOSE | re.DOTALL,
)
# What can be shown where an algorithm is not known: it names one, if none of ours.
_algorithm = re.compile(r"(hmac|gss)-[a-z0-9.-]{1,40}")
_blanks = re.compile(r"[ \t\r]+")
_unsafe: Final = "hmac-md5"


class _Token(NamedTuple):
    """A mark or a word.

    @ivar text: the mark; empty for a word.
    @ivar word: the word, quotes removed; empty for a mark.
    """

    text: str
    word: str
    line: int


class _Reader:
    """Reads the statements of a file.

    @ivar line: the line of the last token.
    """

    def __init__(self, text: str, name: str) -> None:
        self.name = name
        self.line = 1
        self._tokens = self._split(text)

    def fail(self, reason: str, line: int | None = None) -> NoReturn:
        """Refuse the file.

        @raise ValueError: always.
        """
        place = f"line {line or self.line}: {reason}"
        raise ValueError(f"{self.name} {place}" if self.name else place)

    def _split(self, text: str) -> Iterator[_Token]:
        """The tokens."""
        position = 0
        line = 1
        while position < len(text):
            found = _token.match(text, position)
            if found is None:
                self.line = line
                self.fail(
                    "a quoted string that does not end" if text[position] == '"' else "a comment that does not end"
                )
            if found["blank"] is None:
                self.line = line
                yield _Token(found["mark"] or "", found["quoted"] or found["word"] or "", line)
            line += found[0].count("\n")
            position = found.end()
        self.line = line

    def next(self) -> _Token | None:
        """The next token, or C{None} at the end of the file."""
        return next(self._tokens, None)

    def word(self, what: str) -> str:
        """The next token, which is a word."""
        token = self.next()
        if token is None or not token.word:
            self.fail(f"{what} expected")
        return token.word

    def mark(self, mark: str, after: str) -> None:
        """Pass the next token, which is a mark."""
        token = self.next()
        if token is None or token.text != mark:
            self.fail(f"{mark!r} expected after {after}")

    def key(self) -> Key:
        """Read what follows the word C{key}."""
        start = self.line
        written = self.word("the name of the key")
        try:
            name = Name(written.encode("latin-1"))
        except ValueError as error:
            self.fail(f"the name of the key: {error}")
        if not name:
            self.fail("the name of the key is the root")
        self.mark("{", "the name of the key")
        algorithm = secret = None
        while True:
            token = self.next()
            if token is None:
                self.fail(f"the key {str(name)!r} does not end", start)
            if token.text == "}":
                break
            statement = token.word.lower()
            if statement == "algorithm":
                if algorithm is not None:
                    self.fail(f"a second algorithm of the key {str(name)!r}")
                algorithm = self.algorithm()
            elif statement == "secret":
                if secret is not None:
                    self.fail(f"a second secret of the key {str(name)!r}")
                secret = self.secret(name)
            else:
                self.fail("'algorithm', 'secret' or '}' expected")
            self.mark(";", f"the {statement}")
        self.mark(";", "'}'")
        if algorithm is None:
            self.fail(f"the key {str(name)!r} has no algorithm", start)
        if secret is None:
            self.fail(f"the key {str(name)!r} has no secret", start)
        return Key(name, secret, algorithm)

    def algorithm(self) -> str:
        """Read the name of an algorithm."""
        name = self.word("the name of an algorithm").lower().removesuffix(".")
        if name.startswith(_unsafe):
            self.fail(f"{_unsafe} is not safe any more")
        if name not in ALGORITHMS:
            shown = repr(name) if _algorithm.fullmatch(name) else "this"
            self.fail(f"the algorithm has to be one of {', '.join(ALGORITHMS)}, {shown} is not")
        return name

    def secret(self, name: Name) -> bytes:
        """Read the secret of a key."""
        text = _blanks.sub("", self.word("a secret in Base64"))
        try:
            return Key.fromBase64(name, text).secret
        except ValueError as error:
            self.fail(str(error))


def readKeys(octets: bytes, name: str = "") -> Keyring:
    """Read a file of keys.

    @param octets: what stands in it.
    @param name: what errors call it.
    @return: the keys; none, where the file has none.
    @raise ValueError: the file has anything but keys in it, two keys of one name, a key without an algorithm or a
        secret, or with one that is not known or no Base64: as C{NAME line N: reason}, without any secret.
    """
    reader = _Reader(octets.decode("latin-1"), name)
    keys = Keyring()
    while (token := reader.next()) is not None:
        line = token.line
        if token.word.lower() != "key":
            reader.fail("'key' expected")
        key = reader.key()
        if key.name.folded in keys:
            reader.fail(f"a second key of the name {str(key.name)!r}", line)
        keys.add(key)
    return keys
