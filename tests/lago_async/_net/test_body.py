"""Bodies of responses: what arrived is kept, whatever happens to the rest; content codings; long headers."""

import gzip
import json
import zlib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lago_async import (
    LagoConnectionError,
    LagoDecodeError,
    LagoTimeoutError,
    RetryPolicy,
    Timeout,
    ValidationError,
)
from lago_async._net.content_encoding import inflater_of
from tests.conftest import NewFace
from tests.wire import CUSTOMER, Line, Wire, answer, answering

ONCE = RetryPolicy(max_retries=0)
WALLET = {"external_customer_id": "cus_1", "currency": "EUR", "rate_amount": "1"}
JSON = json.dumps(CUSTOMER).encode()


def raw_deflate(data: bytes) -> bytes:
    stream = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return stream.compress(data) + stream.flush()


def members(data: bytes) -> bytes:
    return gzip.compress(data[:5]) + gzip.compress(data[5:])


CODINGS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "gzip": ("gzip", gzip.compress),
    "x-gzip": ("X-GZIP", gzip.compress),
    "gzip of several members": ("gzip", members),
    "gzip with padding behind it": ("gzip", lambda data: gzip.compress(data) + bytes(3)),
    "deflate": ("deflate", zlib.compress),
    "deflate without its header": ("deflate", raw_deflate),
    "identity": ("identity", bytes),
}


@pytest.mark.parametrize("name", CODINGS)
async def test_a_body_is_decoded_from_the_coding_that_its_header_names(new_face: NewFace, name: str) -> None:
    coding, encode = CODINGS[name]
    with answering(lambda *_: answer(encode(JSON), headers=[f"Content-Encoding: {coding}"])) as wire:
        face = await new_face(api_key="key", base_url=wire.url)
        assert (await face("customers.find", "cus_1")).external_id == "cus_1"
    assert b"accept-encoding: gzip, deflate\r\n" in wire.requests[0].lower()


@pytest.mark.parametrize("name", [name for name in CODINGS if name != "identity"])
@given(data=st.binary(max_size=200), repeats=st.integers(1, 40_000), step=st.integers(1, 300))
def test_a_coded_body_may_arrive_in_pieces_of_any_size(name: str, data: bytes, repeats: int, step: int) -> None:
    coding, encode = CODINGS[name]
    whole = data * repeats
    coded = encode(whole)
    inflater = inflater_of(coding)
    assert inflater is not None
    pieces = [piece for at in range(0, len(coded), step) for piece in inflater.decode(coded[at : at + step])]
    assert b"".join([*pieces, inflater.finish()]) == whole
    assert all(len(piece) <= 1 << 20 for piece in pieces)


@pytest.mark.parametrize("broken", [b"this is not gzip", gzip.compress(JSON)[:-9]], ids=["other", "cut"])
async def test_a_success_whose_coding_is_broken_keeps_its_status(new_face: NewFace, broken: bytes) -> None:
    with answering(lambda *_: answer(broken, headers=["Content-Encoding: gzip", "X-Seen: 1"])) as wire:
        face = await new_face(api_key="key", base_url=wire.url, max_retries=ONCE)
        with pytest.raises(LagoDecodeError, match="200 with a body that cannot be used.*coding.*gzip") as failure:
            await face("wallets.create", WALLET)
    assert (failure.value.status_code, failure.value.headers["x-seen"]) == (200, "1")
    assert len(wire.requests) == 1


async def test_a_small_body_that_becomes_a_large_one_is_not_held(new_face: NewFace) -> None:
    bomb = gzip.compress(bytes(1 << 26))
    with answering(lambda *_: answer(bomb, headers=["Content-Encoding: gzip"])) as wire:
        face = await new_face(api_key="key", base_url=wire.url, max_response_bytes=1 << 21)
        with pytest.raises(LagoDecodeError, match="more than 2097152 bytes.*max_response_bytes") as failure:
            await face("customers.find", "cus_1")
    assert len(failure.value.body) == 1 << 21


def cutting(status: str, sent: bytes, promised: int) -> Callable[[Line], None]:
    def talk(line: Line) -> None:
        line.read()
        line.send(f"HTTP/1.1 {status}\r\nX-Seen: 1\r\nContent-Length: {promised}\r\n\r\n".encode() + sent)

    return talk


@pytest.mark.parametrize("promised", [5_000, 500_000])
async def test_a_success_that_breaks_off_keeps_its_status_and_what_arrived(new_face: NewFace, promised: int) -> None:
    with Wire(cutting("200 OK", b'{"wallet":{"lago_id":"w1"', promised)) as wire:
        face = await new_face(api_key="key", base_url=wire.url)
        with pytest.raises(LagoDecodeError, match="200 with a body.*most likely carried out") as failure:
            await face("wallets.create", WALLET)
    assert (failure.value.status_code, failure.value.headers["x-seen"]) == (200, "1")
    assert failure.value.body == b'{"wallet":{"lago_id":"w1"'
    assert len(wire.requests) == failure.value.attempts == 1


async def test_a_refusal_that_breaks_off_is_a_refusal(new_face: NewFace) -> None:
    with Wire(cutting("422 Unprocessable Content", b'{"status":422,', 900)) as wire:
        face = await new_face(api_key="key", base_url=wire.url)
        with pytest.raises(ValidationError) as failure:
            await face("wallets.create", WALLET)
    assert failure.value.body == b'{"status":422,'
    assert len(wire.requests) == 1


async def test_a_read_that_breaks_off_is_tried_again(new_face: NewFace) -> None:
    def talk(line: Line) -> None:
        if line.number < 3:
            return cutting("503 Busy" if line.number == 1 else "200 OK", b"{", 900)(line)
        line.read()
        return line.send(answer())

    with Wire(talk) as wire:
        face = await new_face(api_key="key", base_url=wire.url, max_retries=RetryPolicy(base_delay=0.0))
        assert (await face("customers.find", "cus_1")).external_id == "cus_1"
    assert len(wire.requests) == 3


async def test_a_success_that_stalls_says_that_it_had_begun(new_face: NewFace) -> None:
    def talk(line: Line) -> None:
        line.read()
        line.send(b'HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"wallet"')
        line.read()

    with Wire(talk) as wire:
        face = await new_face(api_key="key", base_url=wire.url, timeout=Timeout(read=0.05))
        with pytest.raises(LagoTimeoutError, match="200, but not all of the response in time") as failure:
            await face("wallets.create", WALLET)
    assert failure.value.status_code == 200
    assert failure.value.maybe_applied


@pytest.mark.parametrize("length", [9_000, 60_000, 120_000])
async def test_a_long_header_does_not_cost_the_response(new_face: NewFace, length: int) -> None:
    with answering(lambda *_: answer(headers=["Set-Cookie: s=" + "a" * length])) as wire:
        face = await new_face(api_key="key", base_url=wire.url)
        info = await face.with_http_info("customers.find", "cus_1")
    assert len(info.headers["set-cookie"]) == length + 2
    assert len(wire.requests) == 1


async def test_a_header_without_end_is_a_lost_response(new_face: NewFace) -> None:
    with answering(lambda *_: answer(headers=["X-Long: " + "a" * 300_000])) as wire:
        face = await new_face(api_key="key", base_url=wire.url, max_retries=ONCE)
        with pytest.raises(LagoConnectionError) as failure:
            await face("wallets.create", WALLET)
    assert failure.value.maybe_applied
    assert len(str(failure.value)) < 1_000
    assert len(wire.requests) == 1
