"""Reading: the fast path, the tolerant reader, and their agreement. The endpoints' tests cover writing."""

import gc
import json
import logging
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import attrs
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lago_async._codec.envelope import Envelope
from lago_async._codec.parsing import UndecodableError, parse
from lago_async._table.pages import PageMeta
from lago_async.models import AppliedCoupon, Customer, CustomerUsage, ErrorDetail, Tax, UsagePeriod

CUSTOMER = Envelope[Customer]("customer", Customer)
TAX = Envelope[Tax]("tax", Tax)
COUPON = Envelope[AppliedCoupon]("applied_coupon", AppliedCoupon)
USAGE = Envelope[CustomerUsage]("customer_usage", CustomerUsage)
PERIODS = Envelope[list[UsagePeriod]]("usage_periods", list[UsagePeriod], meta=PageMeta)


def wire(root: str, **fields: object) -> bytes:
    return json.dumps({root: fields}).encode()


def test_a_field_that_is_missing_is_none_and_a_list_is_empty() -> None:
    customer: Any = CUSTOMER.read(b'{"customer":{}}')[0]  # any field may be missing
    assert customer.external_id is None
    assert customer.taxes == []
    assert customer.billing_configuration is None


def test_null_is_taken_in_every_field() -> None:
    nothing = dict.fromkeys(field for field in vars(Customer)["__slots__"] if not field.startswith("__"))
    customer, _ = CUSTOMER.read(wire("customer", **nothing))
    assert customer == CUSTOMER.read(b'{"customer":{}}')[0]


def test_an_unknown_field_and_a_new_enum_value_do_no_harm() -> None:
    customer, _ = CUSTOMER.read(wire("customer", external_id="cus_1", account_type="reseller", brand_new={"a": [1]}))
    assert (customer.external_id, customer.account_type) == ("cus_1", "reseller")


def test_numbers_may_come_as_strings_and_the_other_way_round() -> None:
    coupon, _ = COUPON.read(
        wire("applied_coupon", amount_cents="1200", percentage_rate=12.5, lago_id=7, coupon_code=True)
    )
    assert coupon.amount_cents == 1200
    assert coupon.percentage_rate == Decimal("12.5")
    assert coupon.lago_id == "7"
    assert coupon.coupon_code == "true"


def test_a_decimal_keeps_every_digit_on_both_paths() -> None:
    digits = "12345678901234567890.123456789"
    for text in (f'"{digits}"', digits):
        for oddity in ("", ',"lago_id":7'):
            coupon, _ = COUPON.read(f'{{"applied_coupon":{{"percentage_rate":{text}{oddity}}}}}'.encode())
            assert coupon.percentage_rate == Decimal(digits)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2022-04-29T08:59:51Z", datetime(2022, 4, 29, 8, 59, 51, tzinfo=UTC)),
        ("2022-04-29T08:59:51.123Z", datetime(2022, 4, 29, 8, 59, 51, 123000, tzinfo=UTC)),
        ("2022-04-29T10:59:51+02:00", datetime(2022, 4, 29, 8, 59, 51, tzinfo=UTC)),
        ("2022-04-29T08:59:51", datetime(2022, 4, 29, 8, 59, 51, tzinfo=UTC)),
        ("2022-04-29", datetime(2022, 4, 29, tzinfo=UTC)),
    ],
)
def test_a_time_is_aware_in_whatever_form_it_comes(text: str, moment: datetime) -> None:
    customer, _ = CUSTOMER.read(wire("customer", created_at=text))
    assert customer.created_at == moment


def test_a_date_may_come_as_a_time() -> None:
    usage, _ = USAGE.read(wire("customer_usage", issuing_date="2022-04-29T00:00:00Z"))
    assert usage.issuing_date == date(2022, 4, 29)


def test_a_value_that_cannot_be_read_is_none_and_is_logged_without_its_content(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.WARNING, "lago_async"):
        usage: Any = USAGE.read(
            wire("customer_usage", amount_cents="a secret", total_amount_cents=5.5, charges_usage="x", currency="EUR")
        )[0]
    assert (usage.amount_cents, usage.charges_usage, usage.currency) == (None, [], "EUR")
    assert usage.total_amount_cents == Decimal("5.5")
    assert len(caplog.records) == 3
    assert "a secret" not in caplog.text


def test_an_oddity_costs_only_its_own_object() -> None:
    periods, meta = PERIODS.read(
        json.dumps({
            "usage_periods": [
                {
                    "amount_cents": 1,
                    "charges_usage": [{"units": "1.5", "filters": None}, {"units": "2", "charge": {"code": 7}}],
                },
                {"amount_cents": "2"},
            ],
            "meta": {"current_page": "1", "next_page": None},
        }).encode()
    )  # fmt: skip
    assert [period.amount_cents for period in periods] == [1, 2]
    assert [charge.units for charge in periods[0].charges_usage] == [Decimal("1.5"), Decimal(2)]
    assert periods[0].charges_usage[0].filters == []
    assert periods[0].charges_usage[1].charge.code == "7"
    assert meta.current_page == 1


def test_arbitrary_json_keeps_its_shape_on_both_paths() -> None:
    body = b'{"error_detail":{"lago_id":"x","details":{"tax_error":["a",1.5,{"b":null}]}}}'
    envelope = Envelope[ErrorDetail]("error_detail", ErrorDetail)
    assert envelope.read(body)[0].details == {"tax_error": ["a", 1.5, {"b": None}]}
    assert envelope.read_tolerantly(body) == envelope.read(body)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "empty"),
        (b"  \n", "empty"),
        (b"<html><h1>502</h1>", "not JSON"),
        (b'{"customer":{"external_id":"cus', "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b'{"customer":{"name":"\xff}}', "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"[]", "JSON array where an object"),
        (b'"customer"', "JSON string where an object"),
        (b"7", "JSON number where an object"),
        (b"null", "JSON null where an object"),
        (b"{}", "no 'customer'"),
        (b'{"error":"x"}', "no 'customer'"),
        (b'{"customer":null}', "'customer' is a JSON null"),
        (b'{"customer":[]}', "'customer' is a JSON array"),
        (b'{"customer":"cus_1"}', "'customer' is a JSON string"),
    ],
)
def test_what_is_no_json_or_has_no_envelope_is_refused_with_the_reason(body: bytes, reason: str) -> None:
    with pytest.raises(UndecodableError, match=reason):
        CUSTOMER.read(body)


def test_a_large_page_leaves_the_collector_as_it_was() -> None:
    body = json.dumps({"usage_periods": [{"amount_cents": n} for n in range(2_000)]}).encode()
    before = gc.get_threshold()
    assert len(PERIODS.read(body)[0]) == 2_000
    assert gc.get_threshold() == before
    with pytest.raises(UndecodableError):
        PERIODS.read(body[:-1])
    assert gc.get_threshold() == before


LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=6)
    | st.sampled_from(
        ["1", "1.0", "-0", "1e3", "null", "true", "2022-04-29", "2022-04-29T08:59:51.5Z", "00:00", "٣", " 7 "]
    )
)
ANY_JSON = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
RATE_FIELDS = (
    "rate",
    "applied_to_organization",
    "created_at",
    "add_ons_count",
    "name",
    "applied_to_billing_entities_codes",
)


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(RATE_FIELDS, ANY_JSON)))
@example({"rate": True})
@example({"created_at": 1.5})
@example({"created_at": 253402300800})
@example({"created_at": 6.77680361916768e16})
@example({"add_ons_count": "1.0", "created_at": "2022-04-29T08:59:51"})
def test_the_fast_path_and_the_tolerant_reader_agree_on_any_json(fields: dict[str, Any]) -> None:
    body = json.dumps({"tax": fields}).encode()
    tax: Any = TAX.read(body)[0]
    assert TAX.read_tolerantly(body)[0] == tax
    assert tax.rate is None or type(tax.rate) is float
    assert tax.name is None or type(tax.name) is str
    assert tax.add_ons_count is None or type(tax.add_ons_count) is int or type(tax.add_ons_count) is Decimal
    assert tax.created_at is None or tax.created_at.tzinfo is not None
    assert type(tax.applied_to_billing_entities_codes) is list


DIGITS = st.text("0123456789", min_size=1, max_size=25)
NUMBERS = st.one_of(
    st.builds(
        "{}{}{}{}".format,
        st.sampled_from(["", "-"]),
        DIGITS.map(lambda digits: digits.lstrip("0") or "0"),
        st.just("") | DIGITS.map(lambda digits: f".{digits}"),
        st.just("") | st.builds("{}{}{}".format, st.sampled_from("eE"), st.sampled_from(["", "+", "-"]), DIGITS),
    ),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.integers(-(2**70), 2**70).map(str),
)


@given(NUMBERS)
@example("1e-400")
@example("-1e-400")
@example("1e400")
@example("1e308")
@example("0e999999999")
@example("1.0000000000000000001")
@example("9007199254740992.0")
@example("9007199254740993.0")
@example("9007199254740995.0")
@example("-9007199254740994.0")
@example("9007199254740992.5")
@example("1e15")
@example("1e16")
@example("1e18")
@example("1" * 400)
@example("1" * 400 + ".5")
@example("1" * 5000)
@example("1e99999999999999999999")
@example("1e-99999999999999999999")
@pytest.mark.parametrize("kind", [int, float, Decimal, int | float, Any], ids=str)
def test_both_readers_agree_on_any_number_and_a_number_is_never_lost(kind: Any, number: str) -> None:
    whole = attrs.make_class("Whole", {"it": attrs.field(type=kind | None if kind is not Any else kind, default=None)})
    envelope = Envelope[Any]("root", whole)
    for text in (number,) if kind is Any else (number, f'"{number}"'):
        body = f'{{"root":{{"it":{text}}}}}'.encode()
        found, tolerant = envelope.read(body)[0].it, envelope.read_tolerantly(body)[0].it
        assert (found, type(found)) == (tolerant, type(tolerant))
        if "e" not in number.lower() or abs(int(number.lower().partition("e")[2])) < 10**6:
            exact = Decimal(number)
            assert abs(Decimal(found) - exact) <= max(abs(exact) * Decimal("1e-15"), Decimal("1e-300"))


@pytest.mark.parametrize("number", ["1e99999999", "-1e99999999", "1e99999999999999999999", "1e-99999999", "1e400"])
@pytest.mark.parametrize("field", RATE_FIELDS)
@pytest.mark.parametrize("quote", ["", '"'])
def test_a_number_beyond_all_bounds_costs_its_own_field_at_most(number: str, field: str, quote: str) -> None:
    tax, _ = TAX.read(f'{{"tax":{{"{field}":{quote}{number}{quote},"code":"vat"}}}}'.encode())
    assert tax.code == "vat"


@pytest.mark.parametrize("field", ["name", "unheard_of"])
def test_json_of_endless_depth_is_an_error_of_its_own(field: str) -> None:
    with pytest.raises(UndecodableError, match="recursion"):
        TAX.read(b'{"tax":{"%b":%b%b}}' % (field.encode(), b"[" * 200_000, b"]" * 200_000))


def test_json_is_parsed_with_floats_unless_digits_matter() -> None:
    assert parse(b'{"a":1.5}') == {"a": 1.5}
    exact: Any = parse(b'{"a":1.5}', exact=True)
    assert exact == {"a": Decimal("1.5")}
