"""The billing history of a subscription."""

import attrs

from lago_async.sandbox._state.invoices import BilledPeriod, InvoiceFee


@attrs.define
class History:
    """The billed periods and the fees of a subscription, in the order in which they were made."""

    periods: list[BilledPeriod] = attrs.field(factory=list[BilledPeriod])
    fees: list[InvoiceFee] = attrs.field(factory=list[InvoiceFee])
