"""Tests of numbers that have mnemonics."""

import dns.dnssectypes
import dns.rdtypes.ANY.CERT
import pytest

from txnames.error import RdataTextError
from txnames.records.mnemonics import AlgorithmNumber, CertificateType, DigestNumber, ErrorNumber
from txnames.wire.text import tokenize


def test_parse() -> None:
    """Mnemonics are read in any case, and digits too; digits are written."""
    field = ErrorNumber()
    field.belongTo("X", "y")
    for text, number in ((b"badsig", 16), (b"BADVERS", 16), (b"NOERROR", 0), (b"RCODE12", 12), (b"4095", 4095)):
        assert field.parse(tokenize(text), b"\0") == number
    assert field.format(16) == "16"
    for text in (b"NOSUCH", b"65536", b"-1"):
        with pytest.raises(RdataTextError):
            field.parse(tokenize(text), b"\0")


def test_tables() -> None:
    """The mnemonics that dnspython knows have the same numbers here."""
    algorithms = {name.replace(b"-", b""): number for name, number in AlgorithmNumber.numbers.items()}
    for algorithm in dns.dnssectypes.Algorithm:
        assert algorithms.get(algorithm.name.encode(), algorithm.value) == algorithm.value
    for digest in dns.dnssectypes.DSDigest:
        if digest.value:
            assert DigestNumber.numbers[digest.name.encode()] == digest.value
    for name, number in dns.rdtypes.ANY.CERT._ctype_by_name.items():
        assert CertificateType.numbers[name.encode()] == number
