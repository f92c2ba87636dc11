"""Fields of requests that take a day or a time: what is sent, and what is refused."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import attrs
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lago_async import UNSET, models
from lago_async._codec.writing import UnwritableError, write
from lago_async.models import PaymentInput, SubscriptionInput
from lago_async.models._date_or_datetime import takes_date_or_datetime
from tests.contract.kinds import members, takes_none

ZONES = st.integers(-23 * 60, 23 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


class Subclass(datetime):
    """As those of freezegun and pendulum."""

    def isoformat(self, *_: object, **__: object) -> str:
        raise AssertionError


def fields() -> Iterator[tuple[type[Any], "attrs.Attribute[Any]"]]:
    for name in dir(models):
        model = getattr(models, name)
        if attrs.has(model):
            yield from ((model, field) for field in attrs.fields(model) if takes_date_or_datetime(field.type))


def subscription(at: Any) -> dict[str, Any]:
    return {"external_customer_id": "c", "plan_code": "p", "external_id": "s", "subscription_at": at}


def sent(at: Any) -> Any:
    """Return what is sent for a value; a model and a mapping send the same bytes."""
    mapping = subscription(at)
    wire = write(SubscriptionInput(**mapping), SubscriptionInput, "subscription")
    assert write(mapping, SubscriptionInput, "subscription") == wire
    return json.loads(wire)["subscription"]["subscription_at"]


def test_every_time_in_a_request_may_be_a_day() -> None:
    found = {f"{model.__name__}.{field.name}" for model, field in fields()}
    assert {"PaymentInput.paid_at", "SubscriptionInput.subscription_at", "WalletInput.expiration_at"} <= found
    narrow = {
        f"{name}.{field.name}"
        for name in dir(models)
        if name.endswith("Input")
        for field in attrs.fields(getattr(models, name))
        if {date, datetime} & set(members(field.type))
    }
    assert narrow == set()


@pytest.mark.parametrize(
    ("given_at", "wire"),
    [
        (date(2026, 2, 28), "2026-02-28"),
        (datetime(2026, 2, 28, 9, 30, tzinfo=UTC), "2026-02-28T09:30:00Z"),
        (
            datetime(2026, 2, 28, 9, 30, 1, 5000, tzinfo=timezone(timedelta(hours=2))),
            "2026-02-28T09:30:01.005000+02:00",
        ),
        (Subclass(2026, 2, 28, tzinfo=UTC), "2026-02-28T00:00:00Z"),
        ("2026-02-28", "2026-02-28"),
        ("2026-02-28T09:30:00Z", "2026-02-28T09:30:00Z"),
        ("2026-02-28T09:30:00.123+0200", "2026-02-28T09:30:00.123+0200"),
    ],
    ids=["date", "datetime", "offset", "subclass", "day as text", "time as text", "offset as text"],
)
def test_a_day_or_a_time_is_sent_as_it_was_given(given_at: Any, wire: str) -> None:
    assert sent(given_at) == wire


@given(st.one_of(st.dates(), st.datetimes(timezones=ZONES), st.datetimes(timezones=st.just(UTC))))
def test_what_is_sent_means_the_same(at: date) -> None:
    text = sent(at)
    if isinstance(at, datetime):
        assert text == msgspec.to_builtins(at)
        assert datetime.fromisoformat(text) == at
    else:
        assert date.fromisoformat(text) == at


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        (datetime(2026, 2, 28), "the datetime has no time zone"),  # noqa: DTZ001 - the subject
        ("2026-02-28T09:30:00", "expected a date, or a datetime with a time zone, got '2026-02-28T09:30:00'"),
        ("tomorrow", "expected a date, or a datetime with a time zone, got 'tomorrow'"),
        ("2026-13-01", "expected a date, or a datetime with a time zone, got '2026-13-01'"),
        ("2026-02-28\n", "expected a date, or a datetime with a time zone, got '2026-02-28\\n'"),
        ("", "expected a date, or a datetime with a time zone, got ''"),
        (1767225600, "expected a date, or a datetime with a time zone, got int"),
        (b"2026-02-28", "expected a date, or a datetime with a time zone, got bytes"),
    ],
    ids=["naive", "naive text", "word", "month 13", "line break", "empty", "number", "bytes"],
)
def test_anything_else_is_refused_by_the_name_of_its_field(wrong: Any, problem: str) -> None:
    mapping = subscription(wrong)
    for body in (mapping, SubscriptionInput(**mapping)):
        with pytest.raises(UnwritableError) as refused:
            write(body, SubscriptionInput, "subscription")
        assert str(refused.value).startswith("subscription.subscription_at: ")
        assert problem in str(refused.value)


def test_null_and_a_field_that_was_not_given_are_what_they_are() -> None:
    assert sent(None) is None
    assert "subscription_at" not in json.loads(write(subscription(UNSET), SubscriptionInput, None))
    assert all(takes_none(field.type) for model, field in fields() if model is PaymentInput)


def test_the_value_that_an_input_holds_is_the_text_that_is_sent() -> None:
    payment = PaymentInput(invoice_id="i", amount_cents=1, reference="r", paid_at=date(2026, 2, 28))
    assert payment.paid_at == "2026-02-28"
    payment.paid_at = datetime(2026, 2, 28, tzinfo=UTC)
    assert payment.paid_at == "2026-02-28T00:00:00Z"
