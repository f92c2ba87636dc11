"""The types of webhooks: a class for each type in the contract, and an overload for the handlers of each."""

from __future__ import annotations

from pathlib import Path
from typing import Final, NotRequired, TypedDict

import msgspec

from tools.generate import models
from tools.generate.sources import ASYNC, ROOT, SYNC, WIDTH, from_import, header

_CONTRACT: Final = "tests/contract/api/webhooks.json"

_PAYLOADS: Final = {
    "accounting_provider_customer_error": "CustomerIntegrationError",
    "billable_metric": "BillableMetric",
    "credit_note": "CreditNote",
    "credit_note_payment_provider_refund_error": "CreditNotePaymentProviderRefundError",
    "crm_provider_customer_error": "CustomerIntegrationError",
    "customer": "Customer",
    "dunning_campaign": "DunningCampaignFinished",
    "event_error": "EventError",
    "events_errors": "EventsErrors",
    "feature": "Feature",
    "fee": "Fee",
    "invoice": "Invoice",
    "order": "Order",
    "order_form": "OrderForm",
    "payment": "Payment",
    "payment_dispute_lost": "InvoicePaymentDisputeLost",
    "payment_provider_customer_checkout_url": "CustomerCheckoutUrl",
    "payment_provider_customer_error": "CustomerPaymentProviderError",
    "payment_provider_error": "PaymentProviderError",
    "payment_provider_invoice_payment_error": "InvoicePaymentFailure",
    "payment_provider_payment_request_payment_error": "PaymentRequestPaymentFailure",
    "payment_provider_wallet_transaction_payment_error": "WalletTransactionPaymentFailure",
    "payment_receipt": "PaymentReceipt",
    "payment_request": "PaymentRequest",
    "plan": "Plan",
    "provider_error": "IntegrationProviderError",
    "quote": "Quote",
    "subscription": "SubscriptionWithCustomer",
    "tax_provider_customer_error": "CustomerTaxProviderError",
    "tax_provider_fee_error": "FeeTaxProviderError",
    "triggered_alert": "TriggeredAlert",
    "wallet": "Wallet",
    "wallet_transaction": "WalletTransaction",
}
"""The model of each ``object_type``."""

_INCLUDED: Final = {"vies_check": "CustomerWithViesCheck"}
"""The model of a webhook that includes a part which only this model has."""


class _Webhook(TypedDict):
    object_type: str
    catalogue_name: NotRequired[str]
    includes: NotRequired[list[str]]
    deprecated: NotRequired[bool]
    spec_only: NotRequired[bool]


class _Contract(TypedDict):
    webhooks: dict[str, _Webhook]


def _sent() -> dict[str, _Webhook]:
    """Return the types of webhooks that the server sends, in alphabetical order."""
    contract = msgspec.json.decode((ROOT / _CONTRACT).read_bytes(), type=_Contract)
    return {name: facts for name, facts in sorted(contract["webhooks"].items()) if not facts.get("spec_only")}


def class_of(webhook_type: str) -> str:
    """Return ``InvoiceCreatedWebhook`` for ``invoice.created``."""
    return "".join(map(str.capitalize, webhook_type.replace(".", "_").split("_"))) + "Webhook"


def _payload(name: str, facts: _Webhook) -> str:
    included = [model for part, model in _INCLUDED.items() if part in facts.get("includes", [])]
    found = next(iter([*included, *filter(None, [_PAYLOADS.get(facts["object_type"])])]), None)
    if found is None or found not in models.homes():
        raise SystemExit(f"{name}: no model for {facts['object_type']!r} in {Path(__file__).relative_to(ROOT)}")
    return found


def _class(name: str, facts: _Webhook) -> list[str]:
    notes = ["Deprecated."] if facts.get("deprecated") else []
    includes = facts.get("includes", [])
    if includes:
        notes.append(f"Includes {', '.join(includes)}.")
    if "catalogue_name" in facts:
        # The server filters by the name in its list, and compares it with this one.
        notes.append(f"Lago lists it as ``{facts['catalogue_name']}``; endpoints with that filter never get it.")
    summary = f'    """The webhook ``{name}``.'
    return [
        "",
        "",
        "@webhook_model",
        f"class {class_of(name)}(KnownWebhook):",
        *([summary, "", *(f"    {note}" for note in notes), '    """'] if notes else [summary + '"""']),
        "",
        "    __slots__ = ()",
        f'    webhook_type: ClassVar[Literal["{name}"]] = "{name}"',
        f'    object_type: ClassVar[str] = "{facts["object_type"]}"',
        f"    payload: {_payload(name, facts)}",
    ]


def _types() -> str:
    sent = _sent()
    classes = [class_of(name) for name in sent]
    return "\n".join([
        header(_CONTRACT),
        '"""A class for each type of webhook, and the union of all."""',
        "",
        "from __future__ import annotations",
        "",
        "from typing import TYPE_CHECKING, ClassVar, Final, Literal, TypeAlias",
        "",
        "from lago_async.webhooks._received import KnownWebhook, UnknownWebhook, webhook_model",
        "",
        "if TYPE_CHECKING:",
        *from_import("lago_async.models", sorted({_payload(name, facts) for name, facts in sent.items()}), "    "),
        "",
        "__all__ = [",
        *(f'    "{name}",' for name in sorted([*classes, "Webhook", "WebhookType"])),
        "]",
        *(line for name, facts in sent.items() for line in _class(name, facts)),
        "",
        "",
        "WebhookType: TypeAlias = Literal[",
        *(f'    "{name}",' for name in sent),
        "]",
        '"""The types of webhooks that this version knows."""',
        "",
        "Webhook: TypeAlias = (",
        *(f"    {'| ' if number else ''}{name}" for number, name in enumerate([*classes, "UnknownWebhook"])),
        ")",
        '"""A webhook of any type: compare its ``webhook_type``, and type checkers know its payload."""',
        "",
        "TYPES: Final[dict[str, type[KnownWebhook]]] = {",
        *(f'    "{name}": {class_of(name)},' for name in sent),
        "}",
        "",
    ])  # fmt: skip


def _registration() -> str:
    sent = _sent()
    out = [
        header(_CONTRACT),
        '"""The typed registration of handlers: one overload for each type of webhook."""',
        "",
        "from __future__ import annotations",
        "",
        "from typing import TYPE_CHECKING, Any, TypeVar, overload",
        "",
        "from lago_async.webhooks._registry import HandlerRegistry",
        "",
        "if TYPE_CHECKING:",
        "    from collections.abc import Callable",
        "    from typing import Literal, TypeAlias",
        "",
        *from_import("lago_async.webhooks", ["_types as webhooks"], "    "),
        "",
        '    _WebhookT = TypeVar("_WebhookT")',
        '    _T = TypeVar("_T")',
        "    _Decorator: TypeAlias = Callable[[Callable[[_WebhookT], _T]], Callable[[_WebhookT], _T]]",
        "",
        '_ResultT = TypeVar("_ResultT")',
        "",
        "",
        "class TypedRegistry(HandlerRegistry[_ResultT]):",
        '    """The handlers by type; ``on`` knows what each of them is called with."""',
    ]
    for name in sent:
        parameters = f'self, webhook_type: Literal["{name}"], /'
        result = f"_Decorator[webhooks.{class_of(name)}, _ResultT]: ..."
        line = f"    def on({parameters}) -> {result}"
        lines = [line] if len(line) <= WIDTH else ["    def on(", f"        {parameters}", f"    ) -> {result}"]
        out += ["", "    @overload", *lines]
    out += [
        "",
        "    def on(self, webhook_type: webhooks.WebhookType, /) -> Callable[[Any], Any]:",
        '        """Register a handler for a type of webhook: ``@hooks.on("invoice.created")``.',
        "",
        "        A type has one handler. The decorator returns the function as it is.",
        "",
        "        Raises:",
        "            LagoArgumentError: This version does not know the type, or the type has a handler.",
        '        """',
        "        return self.register(webhook_type)",
        "",
    ]
    return "\n".join(out)


_BLOCKING: Final = {
    "for asyncio.": "for blocking code.",
    "import asyncio\nimport time\n": "import threading\nimport time\n",
    "from weakref import WeakKeyDictionary\n": "",
    "    from lago_async.client import LagoClient\n    from lago_async.webhooks._signatures import Signer\n": (
        "    from lago_async.webhooks._signatures import Signer\n    from lago_sync.client import LagoClient\n"
    ),
    "any number of event loops": "any number of threads",
    "self._locks: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = WeakKeyDictionary()": (
        "self._lock = threading.Lock()"
    ),
    "async with self._locks.setdefault(asyncio.get_running_loop(), asyncio.Lock()):": "with self._lock:",
    "(await self._client.organizations.find()).": "self._client.organizations.find().",
    "another task": "another thread",
    "async def": "def",
    "await ": "",
}
"""The differences of the blocking verifier, in this order."""

_BLOCKING_HANDLERS: Final = {
    "for asyncio:": "for blocking code:",
    "from collections.abc import Awaitable\nfrom functools import partial\n": "",
    "TYPE_CHECKING, TypeVar": "TYPE_CHECKING",
    "from lago_async.webhooks._threads import in_thread\n": "",
    '_T = TypeVar("_T")\n\n': "",
    "    from lago_async.webhooks._verifier import WebhookVerifier\n": (
        "    from lago_sync._webhook_verifier import WebhookVerifier\n"
    ),
    "TypedRegistry[Awaitable[object]]": "TypedRegistry[object]",
    "Awaitable[object]": "object",
    "also when it is cancelled": "also at a signal",
    "await self._in_store(partial(self.backlog.put, key, body))": "self.backlog.put(key, body)",
    "await self._in_store(claim.take)": "claim.take()",
    "await self._in_store(claim.settle)": "claim.settle()",
    "async def": "def",
    "await ": "",
}
"""The differences of the blocking handlers, in this order."""

_LAST_METHOD: Final = "\n    async def _in_store("
"""Only the asynchronous handlers need it, and it is their last."""


def _blocking(source: Path, differences: dict[str, str]) -> str:
    text = source.read_text(encoding="utf-8").partition(_LAST_METHOD)[0]
    for phrase, replacement in differences.items():
        if phrase not in text:
            raise SystemExit(f"{source.relative_to(ROOT)} does not have {phrase!r}; nothing was generated")
        text = text.replace(phrase, replacement)
    return f"{header(str(source.relative_to(ROOT)))}\n{text}"


def render() -> dict[Path, str]:
    """Return the modules and their texts."""
    folder = ASYNC / "webhooks"
    return {
        folder / "_types.py": _types(),
        folder / "_registration.py": _registration(),
        SYNC / "_webhook_verifier.py": _blocking(folder / "_verifier.py", _BLOCKING),
        SYNC / "_webhook_handlers.py": _blocking(folder / "_handlers.py", _BLOCKING_HANDLERS),
    }
