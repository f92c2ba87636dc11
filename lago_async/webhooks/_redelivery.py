"""When a delivery whose handler has failed is handled again."""

from __future__ import annotations

from typing import Final

MAX_ATTEMPTS: Final = 20
"""The default: with the delays below, a delivery is tried for 8 hours."""

LONGEST_DELAY: Final = 3600.0
"""Seconds."""


def delay_after(attempts: int) -> float:
    """Return the seconds before the next attempt: 1, 2, 4, and so on, up to an hour."""
    return min(2.0 ** min(attempts - 1, 20), LONGEST_DELAY)
