"""Which taxes apply to a fee, frozen with it."""

from collections.abc import Sequence

import attrs

from lago_async.sandbox._state.catalogue import Tax
from lago_async.sandbox._state.customers import Customer
from lago_async.sandbox._state.plans import Plan
from lago_async.sandbox._state.store import Store


def applicable_taxes(store: Store, customer: Customer, plan: Plan | None, own: Sequence[Tax] = ()) -> list[Tax]:
    """Return the fee's own taxes, or else those of the plan, of the customer, or of its billing entity."""
    of_plan = [] if plan is None else plan.taxes
    return list(own) or of_plan or customer.taxes or store.entity_taxes(customer.billing_entity_code)


def copies(taxes: Sequence[Tax]) -> list[Tax]:
    """Return the taxes as they are now; later changes of their rates do not reach a fee."""
    return [attrs.evolve(tax) for tax in taxes]
