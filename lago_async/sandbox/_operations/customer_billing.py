"""A customer's billing configuration, and the payment provider."""

from uuid import uuid4

from lago_async.sandbox._operations.countries import LOCALES
from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.params import Fields
from lago_async.sandbox._protocol.wire import Json
from lago_async.sandbox._state.customers import Customer
from lago_async.sandbox._state.payments import PaymentMethod
from lago_async.sandbox._state.store import Store

_ANCHORS = ("current_period_end", "next_period_start")
_ADJUSTMENTS = ("keep_anchor", "align_with_finalization_date")
_WITH_PROVIDER_CUSTOMER = {"stripe", "gocardless", "cashfree", "adyen", "moneyhash"}


def configure_billing(store: Store, customer: Customer, settings: Fields) -> None:
    """Write the billing configuration that was sent into a customer; refuse invalid values."""
    found = refusals.FieldErrors()
    for name, accepted, code in (
        ("document_locale", LOCALES, "not_a_valid_language_code"),
        ("subscription_invoice_issuing_date_anchor", _ANCHORS, "value_is_invalid"),
        ("subscription_invoice_issuing_date_adjustment", _ADJUSTMENTS, "value_is_invalid"),
    ):
        if not settings.has(name):
            continue
        value = settings.filled(name)
        if value is None or value in accepted:
            customer.billing[name] = value
        else:
            found.add(name, code)
    grace = settings.integer("invoice_grace_period")
    if grace is not None and grace < 0 and store.premium:
        found.add("invoice_grace_period", "value_is_out_of_range")
    found.refuse()
    if store.premium and settings.has("invoice_grace_period"):
        customer.billing["invoice_grace_period"] = grace
    _connect_provider(store, customer, settings)


def _connect_provider(store: Store, customer: Customer, settings: Fields) -> None:
    """Link a customer to a payment provider, or unlink it."""
    if not settings.has("payment_provider") and customer.provider is None:
        return
    wanted = settings.filled("payment_provider") if settings.has("payment_provider") else None
    if customer.provider is not None and settings.has("payment_provider"):
        if wanted not in set(store.payment_providers.values()):
            customer.provider = None
            customer.billing["payment_provider"] = customer.billing["payment_provider_code"] = None
            return
    elif customer.provider is not None:
        wanted = str(customer.billing["payment_provider"])
    sync = settings.boolean("sync_with_provider")
    provider_customer_id = settings.filled("provider_customer_id")
    if customer.provider is None and (wanted is None or not (sync or provider_customer_id)):
        return  # the server ignores it silently: the provider stays null
    codes = [code for code, kind in store.payment_providers.items() if kind == wanted]
    code = settings.filled("payment_provider_code") or customer.billing["payment_provider_code"]
    if code is None and len(codes) > 1:
        raise refusals.invalid_field("base", "payment_provider_code_missing")
    if not codes or (code is not None and code not in codes):
        raise refusals.invalid_field("base", "payment_provider_not_found")
    customer.billing["payment_provider"] = wanted
    customer.billing["payment_provider_code"] = code or codes[0]
    if customer.provider is None and wanted in _WITH_PROVIDER_CUSTOMER:
        # On the server, the provider reports the payment method later.
        method = PaymentMethod(
            created_at=store.now,
            customer=customer,
            is_default=not any(item.customer is customer for item in store.payment_methods),
            provider_code=code or codes[0],
            provider_kind=str(wanted),
            provider_method_id=f"pm_{uuid4().hex[:14]}",
        )
        store.payment_methods.add(method)
    customer.provider = _provider_customer(customer, str(wanted), settings)


def _provider_customer(customer: Customer, kind: str, settings: Fields) -> dict[str, Json]:
    """Return the provider's data of a customer. The server asks the provider for it later; the sandbox invents it."""
    before = customer.provider or {}
    if kind not in _WITH_PROVIDER_CUSTOMER:
        return {}
    generated = f"cus_{uuid4().hex[:14]}"
    linked: dict[str, Json] = {
        "provider_customer_id": settings.filled("provider_customer_id")
        or before.get("provider_customer_id")
        or generated,
    }
    sync = settings.boolean("sync_with_provider")
    if sync is not None or "sync_with_provider" in before:
        linked["sync_with_provider"] = sync if sync is not None else before["sync_with_provider"]
    if kind == "stripe":
        methods = settings.strings("provider_payment_methods")
        linked["provider_payment_methods"] = (
            list[Json](methods) if methods else before.get("provider_payment_methods", ["card"])
        )
    return linked


def linked_provider(customer: Customer) -> str:
    """Return the customer's payment provider; refuse the request if there is none."""
    kind = customer.billing["payment_provider"]
    if not isinstance(kind, str):
        raise refusals.invalid_field("base", "no_linked_payment_provider")
    return kind


def payment_page(provider: str, token: str) -> str:
    """Return the URL of a page of the provider; it leads nowhere."""
    return f"https://checkout.{provider}.example/c/pay/{token}"
