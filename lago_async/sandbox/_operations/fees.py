"""Fees: the lines of invoices."""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from lago_async._currencies import exponent
from lago_async.sandbox._money import amounts, rounding
from lago_async.sandbox._money.rounding import exact_text, main_unit_text
from lago_async.sandbox._operations import list_filters
from lago_async.sandbox._operations.enumeration_filters import checked_value
from lago_async.sandbox._operations.registry import OperationCall, handles
from lago_async.sandbox._operations.taxes import applied_tax_id, applied_tax_json
from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.envelopes import PagedList
from lago_async.sandbox._protocol.paging import Window
from lago_async.sandbox._protocol.params import Fields
from lago_async.sandbox._protocol.timestamps import to_iso
from lago_async.sandbox._protocol.wire import Json, JsonObject, decimal_text, encode
from lago_async.sandbox._state.invoices import InvoiceFee

_STATUSES = ("pending", "succeeded", "failed", "refunded")


def _offset_text(at: datetime | None) -> str | None:
    """Write a bound of a fee with an offset; all other times are written with a Z."""
    return None if at is None else to_iso(at).replace("Z", "+00:00")


def _bounds(fee: InvoiceFee) -> JsonObject:
    """Return the dates that a fee is for; an add-on without dates is for the time at which it was invoiced."""
    if fee.kind == "add_on":
        return {
            "from_date": _offset_text(fee.starts or fee.created_at),
            "to_date": _offset_text(fee.ends or fee.created_at),
        }
    if fee.kind in {"charge", "subscription", "fixed_charge"}:
        return {"from_date": _offset_text(fee.starts), "to_date": _offset_text(fee.ends)}
    return {}


def _status_time(fee: InvoiceFee, status: str) -> str | None:
    reached = fee.payment_status == status and fee.status_at is not None
    return to_iso(fee.status_at) if reached and fee.status_at is not None else None


def full_json(fee: InvoiceFee) -> JsonObject:
    """Return a fee as its own operations show it: with its taxes."""
    taxes: list[Json] = [
        {
            "lago_id": applied_tax_id(fee.lago_id, tax),
            "lago_fee_id": fee.lago_id,
            **applied_tax_json(
                tax,
                rounding.whole((fee.taxed_cents * tax.rate).scaleb(-2)),
                fee.currency,
                fee.taxed_at or fee.created_at,
            ),
        }
        for tax in fee.taxes
    ]
    return {**fee_json(fee), "applied_taxes": taxes}


def _presentation(fee: InvoiceFee) -> list[Json]:
    """Return the units by those keys of the charge that are shown on invoices."""
    given = Fields({} if fee.charge is None else fee.charge.properties).list_of_fields("presentation_group_keys") or []
    keys = [key.text("value") for key in given if key.fields("options").boolean("display_in_invoice")]
    units: dict[tuple[tuple[str, Json], ...], Decimal] = {}
    for entry in fee.presentation:
        shown = Fields(entry if isinstance(entry, dict) else {})
        values = shown.fields("presentation_by")
        group = tuple((key, values.raw(key)) for key in keys if key is not None and values.has(key))
        if group:
            units[group] = units.get(group, Decimal(0)) + (shown.decimal("units") or 0)
    return [{"presentation_by": dict(group), "units": decimal_text(count)} for group, count in units.items()]


def fee_json(fee: InvoiceFee) -> JsonObject:
    """Return a fee as invoices and credit notes show it."""
    decimals = exponent(fee.currency)
    subscription = fee.subscription
    rates = sum((tax.rate for tax in fee.taxes), Decimal(0))
    precise_taxes = amounts.precise_taxes_cents(fee)
    return {
        "lago_id": fee.lago_id,
        "lago_charge_id": None if fee.charge is None else fee.charge.lago_id,
        "lago_charge_filter_id": None if fee.charge_filter is None else fee.charge_filter.lago_id,
        "lago_fixed_charge_id": None if fee.fixed_charge is None else fee.fixed_charge.lago_id,
        "lago_invoice_id": None if fee.invoice is None else fee.invoice.lago_id,
        "lago_true_up_fee_id": None if fee.true_up is None else fee.true_up.lago_id,
        "lago_true_up_parent_fee_id": None if fee.true_up_parent is None else fee.true_up_parent.lago_id,
        "lago_original_fee_id": None,
        "lago_subscription_id": None if subscription is None else subscription.lago_id,
        "external_subscription_id": None if subscription is None else subscription.external_id,
        "lago_customer_id": None if subscription is None else subscription.customer.lago_id,
        "external_customer_id": None if subscription is None else subscription.customer.external_id,
        "item": {**fee.item},
        "pay_in_advance": fee.pay_in_advance,
        "invoiceable": fee.charge is None or fee.charge.invoiceable,
        "amount_cents": fee.amount_cents,
        "amount_currency": fee.currency,
        "precise_amount": main_unit_text(fee.precise_cents, decimals),
        "precise_total_amount": main_unit_text(fee.precise_cents + precise_taxes, decimals),
        "taxes_amount_cents": fee.taxes_cents,
        "taxes_precise_amount": main_unit_text(precise_taxes, decimals),
        "taxes_rate": float(rates),
        "total_amount_cents": fee.amount_cents + fee.taxes_cents,
        "total_amount_currency": fee.currency,
        "units": decimal_text(fee.units),
        "total_aggregated_units": None if fee.total_units is None else decimal_text(fee.total_units),
        "precise_unit_amount": decimal_text(fee.unit_amount),
        "precise_coupons_amount_cents": exact_text(Fraction(fee.coupons_cents)),
        "sub_total_excluding_taxes_amount_cents": rounding.whole(fee.taxed_cents),
        "sub_total_excluding_taxes_precise_amount_cents": exact_text(Fraction(fee.precisely_taxed_cents)),
        "events_count": fee.events_count,
        "payment_status": fee.payment_status,
        "created_at": to_iso(fee.created_at),
        "succeeded_at": _status_time(fee, "succeeded"),
        "failed_at": _status_time(fee, "failed"),
        "refunded_at": _status_time(fee, "refunded"),
        "description": fee.description,
        "amount_details": fee.amount_details,
        "self_billed": False,
        "pricing_unit_details": None,
        "presentation_breakdowns": _presentation(fee),
        **_bounds(fee),
        **({"event_transaction_id": fee.event_transaction_id} if fee.pay_in_advance and fee.kind == "charge" else {}),
    }


def find(call: OperationCall) -> InvoiceFee:
    """Return the fee that the path names."""
    fee = call.store.fees.find(call.identifier)
    if fee is None:
        raise refusals.not_found("fee")
    return fee


@handles("find_fee")
def find_fee(call: OperationCall) -> JsonObject:
    """Return one fee."""
    return full_json(find(call))


@handles("update_fee")
def update_fee(call: OperationCall) -> JsonObject:
    """Set the payment status of a fee. Some fees on an invoice take the invoice's status and are refused."""
    fee, given = find(call), call.envelope()
    status = given.filled("payment_status")
    if status not in _STATUSES:
        raise refusals.invalid_field("payment_status", "value_is_invalid")
    if fee.invoice is not None and fee.kind not in {"charge", "add_on"}:
        raise refusals.not_allowed("invoiced_fee")
    fee.payment_status, fee.status_at = status, call.store.now
    return full_json(fee)


@handles("delete_fee")
def delete_fee(call: OperationCall) -> JsonObject:
    """Delete a fee that is not on an invoice."""
    fee = find(call)
    if fee.invoice is not None:
        raise refusals.not_allowed("invoiced_fee")
    call.store.fees.discard(fee, call.store.now)
    if fee.subscription is not None:
        call.store.history(fee.subscription).fees.remove(fee)
    return fee_json(fee)


_TEXT_FILTERS: Mapping[str, Callable[[InvoiceFee], str | None]] = {
    "external_customer_id": lambda fee: fee.customer.external_id,
    "external_subscription_id": lambda fee: None if fee.subscription is None else fee.subscription.external_id,
    "currency": lambda fee: fee.currency,
    "fee_type": lambda fee: fee.kind,
    "billable_metric_code": lambda fee: None if fee.charge is None else fee.charge.metric.code,
    "payment_status": lambda fee: fee.payment_status,
    "event_transaction_id": lambda fee: fee.event_transaction_id,
}


def _within(since: datetime | None, until: datetime | None, at: datetime | None) -> bool:
    if since is None and until is None:
        return True
    return at is not None and (since is None or at >= since) and (until is None or at <= until)


@handles("find_all_fees")
def find_all_fees(call: OperationCall) -> PagedList:
    """List the fees that match, oldest first."""
    params = call.params
    for name in ("fee_type", "payment_status"):
        checked_value(call, name, code="value_is_invalid")
    wanted = {name: value for name in _TEXT_FILTERS if (value := params.filled(name)) is not None}
    if "currency" in wanted:
        wanted["currency"] = wanted["currency"].upper()
    times = {
        f"{name}_at": (list_filters.moment(params, f"{name}_at_from"), list_filters.moment(params, f"{name}_at_to"))
        for name in ("created", "succeeded", "failed", "refunded")
    }

    def matches(fee: InvoiceFee) -> bool:
        return (
            all(_TEXT_FILTERS[name](fee) == value for name, value in wanted.items())
            and _within(*times["created_at"], fee.created_at)
            and all(
                _within(*times[f"{status}_at"], fee.status_at if fee.payment_status == status else None)
                for status in ("succeeded", "failed", "refunded")
            )
        )

    found = [fee for fee in reversed(call.store.fees.newest_first()) if matches(fee)]
    return Window.of(params).page(found, lambda fee: encode(full_json(fee)))
