"""Tests of L{txnames.tsig}, with dnspython as the other side."""

from typing import Any

import dns.exception
import dns.message
import dns.name
import dns.query
import dns.rdatatype
import dns.renderer
import dns.tsig
import pytest
from hypothesis import given
from hypothesis import strategies as st

from txnames import tsig
from txnames.error import DNSDecodeError
from txnames.tsig import Key, Keyring, StreamSigner, StreamVerifier, TSIGError
from txnames.wire.message import Message

NOW = 1_700_000_000.0
SECRET = bytes(range(32))
KEY = Key("key.example", SECRET)
KEYS = Keyring([KEY])


def message(id: int = 7, answer: bool = False) -> bytes:
    """A message with a question, and in a response the same again."""
    made = Message(id, answer=answer)
    made.addQuery("www.example", 1)
    return made.toStr()


def theirs(key: Key) -> dns.tsig.Key:
    """The key as dnspython has it."""
    return dns.tsig.Key(dns.name.from_text(str(key.name)), key.secret, dns.name.from_text(str(key.algorithm)))


@pytest.mark.parametrize("algorithm", tsig.ALGORITHMS)
def test_dnspythonAgrees(algorithm: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is signed here is genuine there, a request and its response, and the other way round."""
    monkeypatch.setattr("time.time", lambda: NOW)
    key = Key("Key.Example", SECRET, algorithm)
    keyring = {theirs(key).name: theirs(key)}
    signed, mac = tsig.sign(message(), key, NOW)
    request = dns.message.from_wire(signed, keyring=keyring)
    assert request.had_tsig
    assert request.mac == mac
    response = dns.message.make_response(request)
    reply = response.to_wire()
    plain, found, signature = tsig.verify(reply, Keyring([key]), NOW, requestMAC=mac)
    assert found is key
    assert plain[:12] == reply[:10] + b"\0\0"
    assert signature.originalID == 7
    with pytest.raises(TSIGError) as caught:
        tsig.verify(reply, Keyring([key]), NOW)
    assert (caught.value.error, caught.value.rcode) == (tsig.BADSIG, 9)
    signed, _ = tsig.sign(message(answer=True), key, NOW, requestMAC=mac)
    assert dns.message.from_wire(signed, keyring=keyring, request_mac=mac).had_tsig
    with pytest.raises(dns.tsig.BadSignature):
        dns.message.from_wire(signed, keyring=keyring, request_mac=mac[:-1] + b"?")


def test_streamIsVerifiedByDnspython(monkeypatch: pytest.MonkeyPatch) -> None:
    """The messages of a stream carry on from each other."""
    monkeypatch.setattr("time.time", lambda: NOW)
    _, mac = tsig.sign(message(), KEY, NOW)
    signer = StreamSigner(KEY, mac)
    context: Any = None
    keyring = {theirs(KEY).name: theirs(KEY)}
    for number in range(3):
        octets = signer.sign(message(answer=True), NOW + number)
        read = dns.message.from_wire(
            octets, keyring=keyring, request_mac=mac, tsig_ctx=context, multi=True, one_rr_per_rrset=True
        )
        context = read.tsig_ctx
        assert read.had_tsig


def test_stream() -> None:
    """A stream verifies whether each message is signed or only some are; any change is found out."""
    _, mac = tsig.sign(message(), KEY, NOW)
    signer = StreamSigner(KEY, mac)
    octets = [signer.sign(message(answer=True), NOW) for _ in range(3)]
    verifier = StreamVerifier(KEY, mac)
    assert [verifier.verify(one, NOW) for one in octets] == [message(answer=True)] * 3
    verifier = StreamVerifier(KEY, mac)
    verifier.verify(octets[0], NOW)
    with pytest.raises(TSIGError, match="MAC is wrong"):
        verifier.verify(octets[2], NOW)


def test_streamWithUnsigned(monkeypatch: pytest.MonkeyPatch) -> None:
    """Up to 99 messages may come without a signature, which the next one covers."""
    monkeypatch.setattr("time.time", lambda: NOW)
    _, mac = tsig.sign(message(), KEY, NOW)
    first, firstMac = tsig.sign(message(answer=True), KEY, NOW, requestMAC=mac)
    plain = message(answer=True)
    digest = KEY.digest()
    digest.update(len(firstMac).to_bytes(2, "big") + firstMac + plain * 3)
    bare = tsig.Signature(len(plain), KEY.name, KEY.algorithm, int(NOW), 300, b"", 7)
    digest.update(bare.timers)
    last = tsig.Signature(len(plain), KEY.name, KEY.algorithm, int(NOW), 300, digest.digest(), 7).attach(plain)
    verifier = StreamVerifier(KEY, mac)
    verifier.verify(first, NOW)
    for _ in range(2):
        assert verifier.verify(plain, NOW) == plain
    assert verifier.pending == 2
    assert verifier.verify(last, NOW) == plain
    assert verifier.pending == 0
    for _ in range(99):
        verifier.verify(plain, NOW)
    with pytest.raises(TSIGError, match="too many"):
        verifier.verify(plain, NOW)


def test_streamKeepsItsKey() -> None:
    """The key of a stream stays the same."""
    _, mac = tsig.sign(message(), KEY, NOW)
    verifier = StreamVerifier(KEY, mac)
    verifier.verify(tsig.sign(message(answer=True), KEY, NOW, requestMAC=mac)[0], NOW)
    other = Key("other.example", SECRET)
    with pytest.raises(TSIGError, match="changes") as caught:
        verifier.verify(StreamSigner(other, mac).sign(message(answer=True), NOW), NOW)
    assert caught.value.error == tsig.BADKEY


@pytest.mark.parametrize("offset", range(len(message())))
def test_everyOctetCounts(offset: int) -> None:
    """No octet of a message can be changed unnoticed, but those of the ID, for which the original one stands."""
    signed = bytearray(tsig.sign(message(), KEY, NOW)[0])
    signed[offset] ^= 0x01
    if offset < 2:
        assert tsig.verify(bytes(signed), KEYS, NOW)[0] == message()
    else:
        with pytest.raises((TSIGError, DNSDecodeError)):
            tsig.verify(bytes(signed), KEYS, NOW)


@pytest.mark.parametrize(("late", "error"), [(300, 0), (301, tsig.BADTIME), (-300, 0), (-301, tsig.BADTIME)])
def test_time(late: int, error: int) -> None:
    """A signature is good for as long as its fudge says, in both directions."""
    signed, _ = tsig.sign(message(), KEY, NOW)
    if not error:
        tsig.verify(signed, KEYS, NOW + late)
        return
    with pytest.raises(TSIGError) as caught:
        tsig.verify(signed, KEYS, NOW + late)
    assert (caught.value.error, caught.value.key) == (error, KEY)


@pytest.mark.parametrize(("size", "error"), [(32, None), (16, None), (15, tsig.BADTRUNC), (1, tsig.BADTRUNC), (0, 16)])
def test_truncatedMAC(size: int, error: int | None) -> None:
    """Half of a MAC is enough, less isn't."""
    _, mac = tsig.sign(message(), KEY, NOW)
    signature = tsig.Signature(len(message()), KEY.name, KEY.algorithm, int(NOW), 300, mac[:size], 7)
    signed = signature.attach(message())
    if error is None:
        assert tsig.verify(signed, KEYS, NOW)[0] == message()
        return
    with pytest.raises(TSIGError) as caught:
        tsig.verify(signed, KEYS, NOW)
    assert caught.value.error == error


def test_longMAC() -> None:
    """A MAC that is longer than the algorithm makes it is a malformed one."""
    signature = tsig.Signature(len(message()), KEY.name, KEY.algorithm, int(NOW), 300, bytes(33), 7)
    with pytest.raises(TSIGError) as caught:
        tsig.verify(signature.attach(message()), KEYS, NOW)
    assert (caught.value.error, caught.value.rcode) == (0, 1)


def test_unknownKey() -> None:
    """A key that is not known, or known for another algorithm, is refused as such."""
    for other in (Key("other.example", SECRET), Key("key.example", SECRET, "hmac-sha1")):
        with pytest.raises(TSIGError) as caught:
            tsig.verify(tsig.sign(message(), other, NOW)[0], KEYS, NOW)
        assert (caught.value.error, caught.value.key) == (tsig.BADKEY, None)


def test_notSigned() -> None:
    """A message without a signature is not verified."""
    assert tsig.readSignature(message()) is None
    with pytest.raises(TSIGError, match="not signed") as caught:
        tsig.verify(message(), KEYS, NOW)
    assert caught.value.signature is None
    assert tsig.refuse(message(), caught.value, NOW) == message()


def test_refusal() -> None:
    """Who is refused learns why: signed where only the clocks differ, unsigned otherwise."""
    signed, mac = tsig.sign(message(), KEY, NOW)
    with pytest.raises(TSIGError) as caught:
        tsig.verify(signed, KEYS, NOW + 1000)
    reply = tsig.refuse(message(answer=True), caught.value, NOW + 1000)
    _, _, signature = tsig.verify(reply, KEYS, NOW, requestMAC=mac)
    assert signature.error == tsig.BADTIME
    assert int.from_bytes(signature.otherData, "big") == int(NOW + 1000)
    with pytest.raises(TSIGError) as caught:
        tsig.verify(signed, Keyring(), NOW)
    reply = tsig.refuse(message(answer=True), caught.value, NOW)
    refused = tsig.readSignature(reply)
    assert refused is not None
    assert (refused.error, refused.mac, refused.name) == (tsig.BADKEY, b"", KEY.name)
    with pytest.raises(TSIGError, match="server refused the signature"):
        tsig.verify(reply, KEYS, NOW, requestMAC=mac)


def broken() -> list[bytes]:
    """Messages whose TSIG records are malformed."""
    signed, _ = tsig.sign(message(), KEY, NOW)
    start = len(message())
    fixed = start + len(KEY.name.wire)
    record = signed[start:]
    data = signed[fixed + 10 :]

    def withData(data: bytes) -> bytes:
        return signed[: fixed + 8] + len(data).to_bytes(2, "big") + data

    two = signed[:10] + b"\0\2" + signed[12:]
    return [
        signed[:-1],
        signed + b"\0",
        two + record,
        two,
        signed[: fixed + 2] + b"\0\1" + signed[fixed + 4 :],
        signed[: fixed + 4] + b"\0\0\0\1" + signed[fixed + 8 :],
        signed[:start] + b"\xc0\xff" + signed[fixed:],
        withData(b"\xc0\x0c" + data[13:]),
        withData((b"\x3f" + bytes([1]) * 63) * 4 + b"\0" + data[13:]),
        withData(data[:20]),
        withData(data + b"\0"),
        signed[:11],
        signed[:13],
    ]


@pytest.mark.parametrize("octets", broken())
def test_malformed(octets: bytes) -> None:
    """A TSIG record that is malformed, or stands where it must not, is a malformed message."""
    with pytest.raises(DNSDecodeError):
        tsig.readSignature(octets)


@given(st.data())
def test_mutated(data: st.DataObject) -> None:
    """Whatever becomes of a signed message, there are two errors only."""
    octets = bytearray(tsig.sign(message(), KEY, NOW)[0])
    for _ in range(data.draw(st.integers(1, 4))):
        octets[data.draw(st.integers(0, len(octets) - 1))] = data.draw(st.integers(0, 255))
    changed = bytes(octets[: data.draw(st.integers(0, len(octets)))])
    try:
        plain, _, _ = tsig.verify(changed, KEYS, NOW)
    except (TSIGError, DNSDecodeError):
        return
    assert plain == message()


def test_keysKeepTheirSecrets() -> None:
    """Neither keys nor keyrings show their secrets."""
    assert "secret" not in repr(KEY)
    assert repr(SECRET) not in repr(KEY) + repr(KEYS)
    assert repr(KEYS) == "<Keyring key.example>"
    assert (KEY.size, Key("k", b"x", "hmac-sha512").size) == (32, 64)


def test_keyring() -> None:
    """Keys are found by their names, whatever the case; two of one name are an error."""
    keys = Keyring()
    keys.add(KEY)
    keys.add(Key("KEY.example", SECRET))
    assert keys.named("Key.Example") == KEY
    with pytest.raises(ValueError, match="no key of the name 'other'"):
        keys.named("other")
    with pytest.raises(ValueError, match="two keys"):
        keys.add(Key("key.example", b"another"))


def test_badKeys() -> None:
    """A key needs a secret in Base64 and a known algorithm; what is wrong is said without the secret."""
    assert Key.fromBase64("k.", "AAEC", "HMAC-SHA512").secret == b"\0\1\2"
    for secret, algorithm in (
        ("AAE", "hmac-sha256"),
        ("", "hmac-sha256"),
        ("???=", "hmac-sha256"),
        ("AAEC", "hmac-md5"),
    ):
        with pytest.raises(ValueError, match=r"Base64|empty|algorithm") as caught:
            Key.fromBase64("k", secret, algorithm)
        assert not secret or secret not in str(caught.value)
