"""Counts of a run besides its rows, so that a result without rows says why, and ids that do not exist are named."""

from __future__ import annotations

from lago_async.usage._export.pairs import Pair


class Reasons:
    """Counts of one run.

    Attributes:
        unbilled: Subscriptions that exist and have no billed period.
        walked: Billed periods that were looked at; without rows, all of them are outside of the range.
        unknown: Given subscriptions that do not exist.
    """

    def __init__(self) -> None:
        self.unbilled = 0
        self.walked = 0
        self.unknown: list[Pair] = []

    def no_rows(self, *, subscriptions: int, failed: int, listed: bool, current: bool) -> str:
        """Return why there are no rows.

        Args:
            subscriptions: How many subscriptions were fetched.
            failed: How many failed, unknown ones included.
            listed: Whether the subscriptions were listed by the server, not given by the caller.
            current: Whether it is current usage.
        """
        reasons: list[str] = []
        if not subscriptions and not failed:
            if not listed:
                reasons.append("no subscription was given")
            else:
                reasons.append(f"the organisation has no active{'' if current else ' or terminated'} subscription")
        if self.unbilled:
            reasons.append(_counted(self.unbilled, "subscription has not been billed yet",
                                    "subscriptions have not been billed yet"))  # fmt: skip
        if self.walked:
            reasons.append(_counted(self.walked, "billed period is outside of the range",
                                    "billed periods are outside of the range"))  # fmt: skip
        if known := failed - len(self.unknown):
            reasons.append(_counted(known, "subscription failed", "subscriptions failed"))
        if unknown := len(self.unknown):
            reasons.append(_counted(unknown, "subscription does not exist", "subscriptions do not exist"))
        if subscriptions and not reasons:
            reasons.append("the server has no usage of these subscriptions")
        return "; ".join(reasons)


def _counted(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"
