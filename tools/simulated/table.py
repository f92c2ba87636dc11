"""The facts of the page: what the sandbox refuses or ignores, read from its own tables."""

from collections.abc import Iterable, Iterator, Mapping

from lago_async import ENDPOINTS
from lago_async.sandbox._operations.input_fields import INPUTS
from lago_async.sandbox._operations.input_treatment import InputFields
from lago_async.sandbox._operations.registered import HANDLERS
from lago_async.sandbox._operations.simulation import CASCADE, TABLE

NEEDS_OTHER_SERVICES: Mapping[str, str] = {
    "find_all_security_logs": "needs an integration and ClickHouse: 403",
    "find_security_log": "needs an integration and ClickHouse: 403",
    "find_all_enriched_events": "needs ClickHouse: 403",
    "sync_invoice_salesforce_id": "there are no integrations: 404",
}
"""Operations that a sandbox refuses as a server does that lacks a service, each with the service and the status."""

SIMPLIFIED: Mapping[str, str] = {
    "find_all_usages": "counts billed usage at the start of its period; the server spreads it over time",
    "find_all_activity_logs": "does not show what changed",
    "find_activity_log": "does not show what changed",
}
"""Operations whose responses differ from a server's by design, each with the difference."""

_WHERE: Mapping[str, str] = {
    "charge": "a charge, in a plan or by itself",
    "subscription": "a subscription",
    "wallet": "a wallet",
    "wallet_transaction": "a wallet transaction",
    "customer": "a customer",
    "billing_entity": "a billing entity",
    "invoice": "a one-off invoice, and the preview of an invoice",
    "previewed_subscriptions": "`subscriptions` of a preview of an invoice",
}

# Refusals that depend on more than the fields that were sent; the operations have them.
_CHECKED_ELSEWHERE = (
    ("a plan with plans of single subscriptions", "cascade_updates", CASCADE),
    ("a charge, in a plan or by itself", "charge_model", "the sandbox has no such model"),
)


_STAR = r" \*"


def operations() -> Iterator[tuple[str, str]]:
    """Yield each operation of the endpoint table and how the sandbox treats it."""
    for name in dict.fromkeys(row.name for row in ENDPOINTS.rows):
        if name not in HANDLERS:
            yield name, "not simulated: 501"
        elif name in NEEDS_OTHER_SERVICES:
            yield name, NEEDS_OTHER_SERVICES[name]
        else:
            yield name, f"simplified: {SIMPLIFIED[name]}" if name in SIMPLIFIED else "simulated"


def refused_fields() -> Iterator[tuple[str, str, str]]:
    """Yield each field that a strict sandbox refuses: where it is given, its name, and the reason."""
    for kind, fields in TABLE.items():
        for field in fields:
            yield _WHERE.get(kind, f"`{kind}`"), field.field, field.reason
    yield from _CHECKED_ELSEWHERE


def input_fields() -> Iterator[tuple[str, str, str, str, str]]:
    """Yield each input with its fields: simulated, kept only, without effect, and refused; a star marks a licence."""
    for name, row in sorted(INPUTS.items()):
        yield (
            name,
            _named(row, row.simulated),
            _named(row, row.kept),
            _named(row, row.ignored),
            _named(row, row.refused),
        )


def _named(row: InputFields, names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" + (_STAR if row.needs_licence(name) else "") for name in sorted(names))


def reasons() -> Iterator[tuple[str, str, str]]:
    """Yield each reason for fields that are kept only, or have no effect: what it is for, the reason, the fields."""
    for title in ("kept", "ignored"):
        found: dict[str, list[str]] = {}
        for name, row in sorted(INPUTS.items()):
            for field, reason in sorted((row.kept if title == "kept" else row.ignored).items()):
                found.setdefault(reason, []).append(f"`{name}.{field}`")
        for reason, fields in found.items():
            yield "kept only" if title == "kept" else "no effect", reason, ", ".join(fields)
