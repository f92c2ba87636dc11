"""Prices of a quote that differ from those of its plan: which charge each is for, and whether the charge can take it.

A quote names a charge by the code of its metric, and a fixed charge by the code of its add-on. The payload of the quote
has the charges of the plan as they were when it was drafted; there the code leads to an id.
"""

from collections.abc import Mapping, Sequence
from typing import TypeAlias, TypeVar

import attrs

from lago_async.sandbox._money import charge_properties
from lago_async.sandbox._operations.wallet_rules import is_amount
from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.params import Fields
from lago_async.sandbox._protocol.wire import Json
from lago_async.sandbox._state.plans import Charge, FixedCharge, Plan
from lago_async.sandbox._state.store import Store

Chargeable: TypeAlias = Charge | FixedCharge
_ChargeableT = TypeVar("_ChargeableT", bound=Chargeable)


@attrs.frozen
class ChargeKind:
    """How a quote spells one of the two kinds of charges."""

    key: str  # of both lists, of the payload and of the overrides
    named_by: str  # the key of an override
    snapshot: str  # the object in the payload that has the code
    resource: str


CHARGE = ChargeKind("charges", "billableMetricCode", "billableMetric", "charge")
FIXED_CHARGE = ChargeKind("fixedCharges", "addOnCode", "addOn", "fixed_charge")


def _snapshots(item: Fields, kind: ChargeKind, code: str | None) -> list[tuple[int, Fields]]:
    """Return the charges in the payload with this code, and their positions."""
    listed = item.fields("payload").list_of_fields(kind.key) or []
    return [(at, each) for at, each in enumerate(listed) if each.fields(kind.snapshot).text("code") == code]


def _has_changed(model: str | None, charge: Chargeable) -> bool:
    """Return whether a charge has another model than the one that was quoted."""
    return model is not None and model != charge.charge_model


def charge_id(item: Fields, charges: Sequence[_ChargeableT], kind: ChargeKind, override: Fields) -> str:
    """Return the id of the charge that an override is for; refuse if it is not on the plan as it was quoted."""
    found = _snapshots(item, kind, override.text(kind.named_by))
    snapshot = found[0][1] if found else Fields({})
    charge = next((each for each in charges if each.lago_id == snapshot.text("id")), None)
    if charge is None:
        raise refusals.not_found(kind.resource)
    if _has_changed(snapshot.text("chargeModel"), charge):
        raise refusals.invalid_field(f"{kind.resource}_model", f"{kind.resource}_model_changed")
    return charge.lago_id


def check_charges(store: Store, plan: Plan, item: Fields, place: str, found: refusals.FieldErrors) -> None:
    """Report the prices of an item that cannot be applied."""
    for position, override in enumerate(item.fields("overrides").list_of_fields(CHARGE.key) or []):
        own = f"{place}.overrides.{CHARGE.key}.{position}"
        charge = _found(item, plan.charges, CHARGE, override, own, place, found)
        if charge is None:
            continue
        snapshot = _snapshots(item, CHARGE, override.text(CHARGE.named_by))[0][1]
        if _has_changed(override.text("chargeModel"), charge):
            found.add(f"{own}.chargeModel", "cannot_override_charge_model")
            continue
        if _has_changed(snapshot.text("chargeModel"), charge):
            continue
        latest = charge.metric.aggregation_type == "latest_agg"
        _check_properties(store, charge, override.raw("properties"), f"{own}.properties", found, latest=latest)
        if charge.pay_in_advance and (override.integer("minAmountCents") or 0) > 0:
            found.add(f"{own}.minAmountCents", "not_compatible_with_pay_in_advance")
    for position, override in enumerate(item.fields("overrides").list_of_fields(FIXED_CHARGE.key) or []):
        own = f"{place}.overrides.{FIXED_CHARGE.key}.{position}"
        if override.raw("units") is not None and not is_amount(override.raw("units")):
            found.add(f"{own}.units", "invalid_value")
        fixed = _found(item, plan.fixed_charges, FIXED_CHARGE, override, own, place, found)
        if fixed is None:
            continue
        snapshot = _snapshots(item, FIXED_CHARGE, override.text(FIXED_CHARGE.named_by))[0][1]
        if not _has_changed(snapshot.text("chargeModel"), fixed):
            given = override.mapping("properties")
            kept = None if given is None else charge_properties.kept_properties(fixed.charge_model, given)
            if kept == {}:
                found.add(f"{own}.properties", "invalid_value")
            else:
                _check_properties(store, fixed, kept, f"{own}.properties", found)


def _found(
    item: Fields,
    charges: Sequence[_ChargeableT],
    kind: ChargeKind,
    override: Fields,
    own: str,
    place: str,
    found: refusals.FieldErrors,
) -> _ChargeableT | None:
    """Return the charge that an override is for; report one that there is not, or that has changed."""
    field = f"{own}.{kind.named_by}"
    snapshots = _snapshots(item, kind, override.text(kind.named_by))
    if len(snapshots) > 1:
        found.add(field, f"ambiguous_{kind.resource}_override")
        return None
    position, snapshot = snapshots[0] if snapshots else (0, Fields({}))
    charge = next((each for each in charges if each.lago_id == snapshot.text("id")), None)
    if charge is None:
        found.add(field, f"{kind.resource}_not_found")
    elif _has_changed(snapshot.text("chargeModel"), charge):
        found.add(f"{place}.payload.{kind.key}.{position}.chargeModel", f"{kind.resource}_model_changed")
    return charge


def _check_properties(
    store: Store, charge: Chargeable, given: Json, place: str, found: refusals.FieldErrors, *, latest: bool = False
) -> None:
    if not isinstance(given, Mapping):
        return
    try:
        errors = charge_properties.field_errors(charge.charge_model, given, premium=store.premium, latest=latest)
    except refusals.RefusalError:  # the server fails on such properties, and catches that here
        found.add(place, "invalid_value")
        return
    for field, codes in errors.items():
        for code in codes:
            found.add(f"{place}.{field}", code)
