"""The risk of operations: what a call may do that cannot be undone. The command line asks before such a call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

Risk: TypeAlias = Literal["destroys", "moves_money"]
"""The call removes or ends something; or it bills, pays, refunds, or changes what a customer owes."""

RISKS: Final[Mapping[Risk, str]] = {
    "destroys": "removes or ends something for good",
    "moves_money": "may bill, pay or refund, or changes what a customer owes",
}
"""What each risk means: the end of a sentence about an operation."""
