"""Whether a period is billed: on an invoice that counts, on a draft, on a voided invoice, or on none yet."""

from __future__ import annotations

# pyarrow has no types of its own.
from typing import Any, Final

from lago_async.usage._report.extras import require

BILLED: Final = "billed"
DRAFT: Final = "draft"
VOIDED: Final = "voided"
RUNNING: Final = "running"

_FINAL: Final = ("finalized",)
_OWED_BY_NOBODY: Final = ("voided", "closed", "deleted")


def states_of(invoice: Any, status: Any) -> Any:
    """Return the state of each period.

    An invoice whose status is unknown counts as billed, and the report says how many there are. An invoice that is
    neither final nor void, such as one that failed, may still change like a draft.

    Args:
        invoice: Ids of invoices; null for periods that are on none.
        status: The statuses of the invoices; null where they are unknown.
    """
    pa, pc = require("pyarrow"), require("pyarrow.compute")

    def among(names: tuple[str, ...]) -> Any:
        return pc.is_in(status, value_set=pa.array(names, pa.string()))

    known = pc.if_else(among(_OWED_BY_NOBODY), VOIDED, DRAFT)
    with_invoice = pc.if_else(pc.or_(among(_FINAL), pc.is_null(status)), BILLED, known)
    return pc.if_else(pc.is_null(invoice), RUNNING, with_invoice)
