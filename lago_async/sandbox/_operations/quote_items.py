"""The items of a quote, as the server checks them when a version is approved: their shape, and then what they name."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal

from lago_async.sandbox._money.currencies import CURRENCIES
from lago_async.sandbox._operations.coupon_limits import overlap
from lago_async.sandbox._operations.quote_shape import ONE_OFF, SUBSCRIPTIONS, check_shape
from lago_async.sandbox._operations.quoted_charges import check_charges
from lago_async.sandbox._operations.wallet_rules import is_amount, is_decimal
from lago_async.sandbox._protocol.params import Fields
from lago_async.sandbox._protocol.refusals import FieldErrors
from lago_async.sandbox._protocol.timestamps import parse_timestamp
from lago_async.sandbox._protocol.wire import Json
from lago_async.sandbox._state.coupons import Coupon
from lago_async.sandbox._state.plans import Plan
from lago_async.sandbox._state.quotes import QuoteVersion
from lago_async.sandbox._state.store import Store

_ROOT = "billing_items"
_AMENDMENT = "subscription_amendment"


def quoted(item: Fields, name: str) -> Json:
    """Return a value that was negotiated, or else the one of the catalogue that the quote was drafted from."""
    overridden = item.fields("overrides").raw(name)
    return item.fields("payload").raw(name) if overridden in (None, False) else overridden


def check_version(store: Store, version: QuoteVersion) -> None:
    """Refuse a version that cannot be approved yet."""
    found = FieldErrors()
    items = {} if version.billing_items is None else version.billing_items
    check_shape(ONE_OFF if version.quote.order_type == "one_off" else SUBSCRIPTIONS, items, _ROOT, found)
    found.refuse()
    check = _Check(store, version, Fields(items if isinstance(items, dict) else {}))
    check.run()
    check.found.refuse()


def last_day(version: QuoteVersion) -> date | None:
    """Return the day on which the first plan, credits or top-up rule of a version ends."""
    items = Fields(version.billing_items if isinstance(version.billing_items, dict) else {})
    ends = [at.date() for value in _ends(items) if (at := parse_timestamp(value)) is not None]
    return min(ends, default=None)


def covers(version: QuoteVersion, at: datetime | None) -> bool:
    """Return whether a deal still holds at a time."""
    day = last_day(version)
    return day is None or at is None or at.date() < day


def _ends(items: Fields) -> Iterator[Json]:
    for plan in items.list_of_fields("plans") or []:
        yield plan.fields("payload").raw("endDate")
    for wallet in items.list_of_fields("walletCredits") or []:
        payload = wallet.fields("payload")
        yield payload.raw("expirationAt")
        for rule in payload.list_of_fields("recurringTransactionRules") or []:
            yield rule.raw("expirationAt")


class _Check:
    """One check of the items of a version, which have their shape. It collects all errors."""

    def __init__(self, store: Store, version: QuoteVersion, items: Fields) -> None:
        self.found = FieldErrors()
        self._store = store
        self._version = version
        self._items = items
        self._amends = version.quote.order_type == _AMENDMENT

    def run(self) -> None:
        plans = self._items.list_of_fields("plans") or []
        subscription = self._version.quote.subscription
        if self._amends:
            if len(plans) > 1:
                self.found.add(f"{_ROOT}.plans", "single_plan_expected")
            if subscription is None or subscription.status != "active":
                self.found.add("subscription_id", "subscription_not_active")
        currency = self._version.currency
        if not currency:
            self.found.add("currency", "value_is_mandatory")
        elif currency not in CURRENCIES:
            self.found.add("currency", "invalid_currency")
        for position, add_on in enumerate(self._items.list_of_fields("addOns") or []):
            self._check_add_on(add_on, f"{_ROOT}.addOns.{position}")
        for position, plan in enumerate(plans):
            self._check_plan(plan, f"{_ROOT}.plans.{position}")
        self._check_coupons(self._items.list_of_fields("coupons") or [])
        for position, wallet in enumerate(self._items.list_of_fields("walletCredits") or []):
            self._check_wallet(wallet.fields("payload"), f"{_ROOT}.walletCredits.{position}.payload")

    def _check_currency(self, place: str, *currencies: str | None) -> None:
        """Report a price in another currency than the deal's; the first one that is given counts."""
        wanted, own = self._version.currency, next((each for each in currencies if each), None)
        if wanted in CURRENCIES and own != wanted:
            self.found.add(place, "currencies_does_not_match")

    def _check_add_on(self, item: Fields, place: str) -> None:
        if all(add_on.lago_id != item.text("id") for add_on in self._store.add_ons.with_discarded()):
            self.found.add(f"{place}.id", "add_on_not_found")
        for section in ("payload", "overrides"):
            starts, ends = (item.fields(section).raw(f"{name}Datetime") for name in ("from", "to"))
            if (starts is None) != (ends is None):
                missing = "from" if starts is None else "to"
                self.found.add(f"{place}.{section}.{missing}Datetime", "value_is_mandatory")
                continue
            first, last = parse_timestamp(starts), parse_timestamp(ends)
            if first is not None and last is not None and first > last:
                self.found.add(f"{place}.{section}.fromDatetime", "invalid_date_range")

    def _check_plan(self, item: Fields, place: str) -> None:
        plan = next((each for each in self._store.plans.with_discarded() if each.lago_id == item.text("id")), None)
        if plan is None:
            self.found.add(f"{place}.id", "plan_not_found")
            return
        overrides = item.fields("overrides")
        self._check_currency(f"{place}.id", overrides.filled("amountCurrency"), plan.amount_currency)
        self._check_commitment(plan, overrides, place)
        self._check_dates(item.fields("payload"), f"{place}.payload")
        method = item.fields("payload").text("paymentMethodId")
        own = {each.lago_id for each in self._store.payment_methods if each.customer is self._version.quote.customer}
        if method is not None and method not in own:
            self.found.add(f"{place}.payload.paymentMethodId", "payment_method_not_found")
        check_charges(self._store, plan, item, place, self.found)

    def _check_commitment(self, plan: Plan, overrides: Fields, place: str) -> None:
        given = overrides.mapping("minimumCommitment")
        if given is None or given.get("amountCents") is not None:
            return
        if (plan.minimum_commitment or {}).get("amount_cents") is None:
            self.found.add(f"{place}.overrides.minimumCommitment.amountCents", "value_is_mandatory")

    def _check_dates(self, payload: Fields, place: str) -> None:
        """Report dates that are not dates, an end that has passed, and an end before the start.

        An amendment keeps the start of its subscription.
        """
        names = ("endDate",) if self._amends else ("startDate", "endDate")
        wrong = [name for name in names if payload.raw(name) is not None and _day(payload.raw(name)) is None]
        for name in wrong:
            self.found.add(f"{place}.{name}", "invalid_date")
        starts, ends = _day(payload.raw("startDate")), _day(payload.raw("endDate"))
        if wrong or ends is None:
            return
        if ends <= self._store.now.date():
            self.found.add(f"{place}.endDate", "invalid_date")
        if not self._amends and starts is not None and ends <= starts:
            self.found.add(f"{place}.endDate", "invalid_date_range")

    def _check_coupons(self, items: Iterable[Fields]) -> None:
        known = {coupon.lago_id: coupon for coupon in self._store.coupons.with_discarded()}
        earlier: list[Coupon] = []
        for position, item in enumerate(items):
            place = f"{_ROOT}.coupons.{position}"
            coupon = known.get(item.text("id") or "")
            if coupon is None:
                self.found.add(f"{place}.id", "coupon_not_found")
                continue
            self._check_coupon(coupon, item, place)
            if not coupon.reusable and coupon in earlier:
                self.found.add(f"{place}.id", "coupon_is_not_reusable")
            if any(overlap(self._store, coupon, each) for each in earlier):
                self.found.add(f"{place}.id", "plan_overlapping")
            earlier.append(coupon)

    def _check_coupon(self, coupon: Coupon, item: Fields, place: str) -> None:
        fixed = coupon.coupon_type == "fixed_amount"
        if fixed:
            currency = item.fields("overrides").filled("amountCurrency")
            self._check_currency(f"{place}.id", currency, coupon.amount_currency)
        recurs = (quoted(item, "frequency") or coupon.frequency) == "recurring"
        if recurs and (quoted(item, "frequencyDuration") or coupon.frequency_duration) is None:
            section = "overrides" if item.fields("overrides").text("frequency") == "recurring" else "payload"
            self.found.add(f"{place}.{section}.frequencyDuration", "value_is_mandatory")
        value = "amountCents" if fixed else "percentageRate"
        if item.fields("payload").text("type") != coupon.coupon_type:
            self.found.add(f"{place}.payload.type", "coupon_type_does_not_match")
        elif quoted(item, value) is None:
            self.found.add(f"{place}.payload.{value}", "value_is_mandatory")

    def _check_wallet(self, payload: Fields, place: str) -> None:
        for name in ("paidCredits", "grantedCredits"):
            if not is_amount(payload.raw(name)):
                self.found.add(f"{place}.{name}", "invalid_value")
        rate = payload.raw("rateAmount")
        if not is_amount(rate) or Decimal(str(rate).strip()) == 0:
            self.found.add(f"{place}.rateAmount", "invalid_value")
        if payload.raw("currency") is not None:
            self._check_currency(f"{place}.currency", payload.text("currency"))
        codes = set(payload.fields("appliesTo").strings("billableMetricCodes") or [])
        if not codes <= {metric.code for metric in self._store.billable_metrics}:
            self.found.add(f"{place}.appliesTo.billableMetricCodes", "billable_metric_not_found")
        self._check_expiry(payload, place)
        for position, rule in enumerate(payload.list_of_fields("recurringTransactionRules") or []):
            self._check_rule(rule, f"{place}.recurringTransactionRules.{position}")

    def _check_expiry(self, given: Fields, place: str) -> None:
        at = parse_timestamp(given.raw("expirationAt"))
        if given.filled("expirationAt") is not None and (at is None or at <= self._store.now):
            self.found.add(f"{place}.expirationAt", "invalid_date")

    def _check_rule(self, rule: Fields, place: str) -> None:
        trigger, threshold, balance = (
            rule.text("trigger"),
            rule.raw("thresholdCredits"),
            rule.raw("targetOngoingBalance"),
        )
        if trigger == "interval" and rule.raw("interval") is None:
            self.found.add(f"{place}.interval", "value_is_mandatory")
        if trigger == "threshold" and not is_decimal(threshold):
            code = "value_is_mandatory" if threshold is None else "invalid_value"
            self.found.add(f"{place}.thresholdCredits", code)
        if rule.text("method") == "target":
            below = trigger == "threshold" and is_decimal(threshold) and is_decimal(balance)
            if balance is None:
                self.found.add(f"{place}.targetOngoingBalance", "value_is_mandatory")
            elif not is_decimal(balance) or (below and Decimal(str(balance)) < Decimal(str(threshold))):
                self.found.add(f"{place}.targetOngoingBalance", "invalid_value")
        elif rule.raw("grantsTargetTopUp") is not None:
            self.found.add(f"{place}.grantsTargetTopUp", "invalid_value")
        for name in ("paidCredits", "grantedCredits"):
            if rule.raw(name) is not None and not is_decimal(rule.raw(name)):
                self.found.add(f"{place}.{name}", "invalid_value")
        self._check_expiry(rule, place)


def _day(value: Json) -> date | None:
    at = parse_timestamp(value)
    return None if at is None else at.date()
