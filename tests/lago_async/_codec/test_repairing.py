"""The repair of JSON that is readable but for a few bytes."""

import json
from collections.abc import Generator
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lago_async._codec.envelope import Envelope
from lago_async._codec.parsing import UndecodableError, parse
from lago_async._codec.repairing import repair
from lago_async._table.pages import PageMeta
from lago_async.models import Customer

CUSTOMERS = Envelope[list[Customer]]("customers", list[Customer], meta=PageMeta, operation="find_all_customers")

# A value in the JSON, and how it is read.
FLAWS: list[tuple[bytes, object]] = [
    (rb'"a\ud83d b"', "a\ufffd b"),
    (rb'"a\ude00 b"', "a\ufffd b"),
    (rb'"\ud83d\ud83d\ude00"', "\ufffd\U0001f600"),
    (rb'"\uD83d\u0041"', "\ufffdA"),
    (rb'"\\ud83d"', r"\ud83d"),
    (rb'"\\\ud83d"', "\\\ufffd"),
    (rb'"\"\ud83d\""', '"\ufffd"'),
    (b'"x\xe9"', "x\ufffd"),
    (b'"x\xe9 \xc3\xa9"', "x\ufffd é"),
    (b'"cut \xf0\x9f"', "cut \ufffd"),
    (b'"\xed\xa0\xbd"', "\ufffd\ufffd\ufffd"),
    (b'"a\nb\tc\x00d"', "a\nb\tc\x00d"),
    (b'"a\\\nb"', "a\nb"),
    (b'"NaN Infinity \n"', "NaN Infinity \n"),
    (b"NaN", None),
    (b"Infinity", None),
    (b"-Infinity", None),
    (b"[NaN, 1, -Infinity]", [None, 1, None]),
    (b'"\\u00e9\n\\\\"', "é\n\\"),
]


@pytest.mark.parametrize(("text", "value"), FLAWS, ids=repr)
def test_what_cannot_be_represented_is_replaced_and_the_rest_is_there(text: bytes, value: object) -> None:
    body = b'{"before":[1.5,"x"],"it":%b,"after":{"key":"\\u00e9\\n\\ud83d\\ude00 "}}' % text
    whole = parse(body)
    assert whole == {"before": [1.5, "x"], "it": value, "after": {"key": "é\n\U0001f600 "}}
    assert parse(body, exact=True) == whole


@pytest.mark.parametrize("before", [b"", b"\xef\xbb\xbf", b"\r\n ", b"\0"])
@pytest.mark.parametrize("after", [b"", b"\0", b"\0" * 512, b" \r\n\0\n", b"\f"])
def test_what_pads_a_body_is_ignored(before: bytes, after: bytes) -> None:
    assert parse(b'%b{"a":"\\ud83d"}%b' % (before, after)) == {"a": "\ufffd"}
    assert parse(b'%b{"a":1}%b' % (before, after)) == {"a": 1}


@pytest.mark.parametrize(
    "body",
    [
        b'{"a":"\xff', b'{"a":"\\ud83d', b'{"a":NaN', b'{"a":nan}', b'{"a":None}', b'{"a":"\\q"}', b"<html>\xff</html>",
        b"\xef\xbb\xbf", b"\0\0", b'{"a":1}\0{"b":2}', b'{"a":"\\u12"}', b"{I}",
        b"\xff\xfe{\0}\0", b"{'a':1}", b"{" * 9_000,
    ],
)  # fmt: skip
def test_what_is_not_json_stays_so(body: bytes) -> None:
    with pytest.raises(UndecodableError):
        parse(body)


def test_an_integer_of_any_length_is_read() -> None:
    digits = b"1" * 5000
    body = b'{"a":%b,"b":-%b,"c":0.%b,"d":1e-%b,"e":"%b"}' % (digits, digits, digits, b"1", digits)
    whole = parse(body, exact=True)
    assert isinstance(whole, dict)
    assert [whole[key] == int("1" * 4000) for key in "ab"] == [False, False]
    assert str(whole["a"]) == "1" * 5000 or f"{whole['a']:f}" == "1" * 5000
    assert len(str(whole["e"])) == 5000


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=12,
)


@given(st.fixed_dictionaries({"it": ANY_JSON}))
@example({"it": "\ud83d"})
@example({"it": "\\ud83d"})
@example({"it": "\udc00\ud800"})
@example({"it": float("-inf")})
def test_whatever_python_writes_as_json_is_read(value: dict[str, Any]) -> None:
    def expected(item: Any) -> Any:
        if isinstance(item, float) and item - item != 0:
            return None
        if isinstance(item, str):
            return item.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        if isinstance(item, list):
            return [expected(each) for each in item]
        if isinstance(item, dict):
            return {expected(key): expected(each) for key, each in item.items()}
        return item

    body = json.dumps(value).encode()
    assert parse(body) == expected(value)


@given(st.binary())
@example(b'{"a\xff"')
def test_a_repair_of_any_bytes_ends_and_changes_nothing_that_is_sound(body: bytes) -> None:
    for whole in (body, b'{"a":"' + body + b'"}', b"{" + body + b"}"):
        repaired = repair(whole)
        try:
            json.loads(whole)
        except ValueError:
            continue
        assert json.loads(repaired) == json.loads(whole) or repaired != whole


def turns(steps: Generator[None, None, Any]) -> tuple[int, Any]:
    count = 0
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return count, end.value
        count += 1


@pytest.mark.parametrize("flaw", [b'"\\ud83d"', b'"\xe9"', b'"a\nb"', b"NaN", b'"\\ud83d", "net_payment_term": NaN'])
@pytest.mark.parametrize("everywhere", [False, True], ids=["once", "everywhere"])
def test_a_flaw_in_a_large_page_costs_one_text_and_is_read_in_steps(flaw: bytes, everywhere: bool) -> None:
    row = b'{"external_id":"cus_%d","name":%b,"currency":"EUR"}'
    rows = [row % (n, flaw if everywhere or n == 7_777 else b'"Acme"') for n in range(20_001)]
    body = b'{"customers":[%b],"meta":{"current_page":1}}' % b",".join(rows)
    count, (customers, meta) = turns(CUSTOMERS.read_in_steps(body))
    assert count >= 5
    assert [customer.external_id for customer in customers] == [f"cus_{n}" for n in range(20_001)]
    assert {customer.currency for customer in customers} == {"EUR"}
    assert meta.current_page == 1
    assert (customers, meta) == CUSTOMERS.read(body)


@pytest.mark.parametrize(("before", "after"), [(b"\xef\xbb\xbf", b""), (b"", b"\0" * 40)])
def test_padding_of_a_large_page_is_read_in_steps(before: bytes, after: bytes) -> None:
    rows = b",".join(b'{"external_id":"cus_%d","name":"Acme"}' % n for n in range(20_001))
    count, (customers, _) = turns(CUSTOMERS.read_in_steps(before + b'{"customers":[%b]}' % rows + after))
    assert count >= 5
    assert len(customers) == 20_001
