"""The queries of bulk work check themselves, and a pair of ids has names."""

import re
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from lago_async import LagoArgumentError
from lago_async._bulk.ids import SubscriptionIds, ids_of
from lago_async._bulk.queries import (
    CONCURRENCY,
    CurrentUsageQuery,
    PastUsageQuery,
    _past_usage_endpoint,
)

MAY = datetime(2025, 5, 1, tzinfo=UTC)
JUNE = datetime(2025, 6, 1, tzinfo=UTC)


def test_a_pair_of_ids_has_names_and_is_not_checked_further() -> None:
    assert ids_of(["cus", "sub"]) == SubscriptionIds(external_customer_id="cus", external_subscription_id="sub")
    assert ids_of(("", "")) == SubscriptionIds("", "")
    assert isinstance(ids_of(("cus", "sub")), SubscriptionIds)


@pytest.mark.parametrize("pair", ["ab", "abc", ("cus",), ("cus", "sub", "more"), ()])
def test_anything_but_a_pair_is_refused(pair: Any) -> None:
    complaint = f"expected a pair (external_customer_id, external_subscription_id), not {pair!r}"
    with pytest.raises(TypeError, match=f"^{re.escape(complaint)}$"):
        ids_of(pair)


def test_the_operation_of_past_usage_is_the_list_of_billed_periods() -> None:
    assert _past_usage_endpoint().name == "find_all_customer_past_usage"
    assert CONCURRENCY == 64


@pytest.mark.parametrize("field", ["from_datetime", "to_datetime"])
@pytest.mark.parametrize("value", [date(2025, 1, 1), datetime(2025, 1, 1), "2025-01-01T00:00:00Z", 5])  # noqa: DTZ001
def test_a_time_that_is_not_aware_is_refused_by_name(field: str, value: object) -> None:
    complaint = (
        f"find_all_customer_past_usage: {field} must be an aware datetime, such as datetime(2025, 1, 1, tzinfo=UTC), "
        f"not {value!r}"
    )
    with pytest.raises(LagoArgumentError, match=f"^{re.escape(complaint)}$"):
        PastUsageQuery(**{field: value})  # type: ignore[arg-type]


@pytest.mark.parametrize("to", [MAY, MAY - timedelta(seconds=1), MAY.astimezone(timezone(timedelta(hours=3)))])
def test_a_range_that_holds_nothing_is_refused(to: datetime) -> None:
    complaint = "find_all_customer_past_usage: from_datetime must be before to_datetime"
    with pytest.raises(LagoArgumentError, match=f"^{complaint}$"):
        PastUsageQuery(from_datetime=MAY, to_datetime=to)


def test_a_range_may_be_open_at_either_end() -> None:
    assert PastUsageQuery() == PastUsageQuery(from_datetime=None, to_datetime=None, periods_count=None, per_page=None)
    assert PastUsageQuery(from_datetime=MAY).to_datetime is None
    assert PastUsageQuery(to_datetime=MAY).from_datetime is None
    assert PastUsageQuery(from_datetime=MAY, to_datetime=JUNE).to_datetime == JUNE
    assert PastUsageQuery(from_datetime=MAY, to_datetime=MAY + timedelta(microseconds=1)).from_datetime == MAY


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ({"periods_count": 0}, "periods_count must be an integer of 1 or more, not 0"),
        ({"per_page": 0}, "per_page must be an integer of 1 or more, not 0"),
        ({"per_page": "5"}, "per_page must be an integer of 1 or more, not '5'"),
        ({"billable_metric_code": 5}, "billable_metric_code must be a string, not 5"),
    ],
)
def test_a_query_that_cannot_be_sent_is_refused_when_it_is_made(arguments: dict[str, Any], complaint: str) -> None:
    with pytest.raises(LagoArgumentError, match=f"^find_all_customer_past_usage: {complaint}$"):
        PastUsageQuery(**arguments)
    PastUsageQuery(periods_count=1, per_page=1, billable_metric_code="")


@pytest.mark.parametrize(
    ("query", "target"),
    [
        (CurrentUsageQuery(), "/customers/cus/current_usage?external_subscription_id=sub"),
        (
            CurrentUsageQuery(billable_metric_code="gb"),
            "/customers/cus/current_usage?external_subscription_id=sub&billable_metric_code=gb",
        ),
        (
            CurrentUsageQuery(apply_taxes=False),
            "/customers/cus/current_usage?external_subscription_id=sub&apply_taxes=false",
        ),
    ],
)
def test_current_usage_is_one_call_per_subscription(query: CurrentUsageQuery, target: str) -> None:
    path, _, parameters = query.request(SubscriptionIds("cus", "sub")).target.partition("?")
    expected, _, expected_parameters = target.partition("?")
    assert path == expected
    assert sorted(parameters.split("&")) == sorted(expected_parameters.split("&"))


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ({"billable_metric_code": 5}, "must be a string, not 5"),
        ({"apply_taxes": "no"}, "apply_taxes must be True or False, not 'no'"),
    ],
)
def test_a_query_of_current_usage_is_checked_when_it_is_made(arguments: dict[str, Any], complaint: str) -> None:
    with pytest.raises(LagoArgumentError, match=f"^find_customer_current_usage: .*{complaint}$"):
        CurrentUsageQuery(**arguments)


def test_past_usage_lists_ended_subscriptions_too_and_current_usage_does_not() -> None:
    assert PastUsageQuery.STATUSES == ("active", "terminated")
    assert CurrentUsageQuery.STATUSES == ("active",)
