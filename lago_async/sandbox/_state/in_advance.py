"""The units of a charge in advance that the events of a period have already paid for."""

from datetime import datetime
from decimal import Decimal

import attrs


@attrs.frozen(kw_only=True)
class InAdvanceCount:
    """The units after one event, and the most units so far: only what exceeds it is charged by the next event."""

    timestamp: datetime
    transaction_id: str
    current: Decimal
    highest: Decimal
    highest_prorated: Decimal | None = None
