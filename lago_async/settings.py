"""Public settings of a client: Lago Cloud's URLs, the time limits, the retries."""

from __future__ import annotations

from typing import Any, Final

import attrs

from lago_async._validation import check_seconds, check_whole_number

__all__ = ["EU", "US", "US_INGEST", "RetryPolicy", "Timeout"]

US: Final = "https://api.getlago.com"
"""Base URL of Lago Cloud in the United States; the default."""

EU: Final = "https://api.eu.getlago.com"
"""Base URL of Lago Cloud in Europe."""

US_INGEST: Final = "https://ingest.getlago.com"
"""URL of Lago Cloud's service for events in the United States, for ``ingest_url``. None is known for Europe."""


def _limit(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    check_seconds(f"timeout: {attribute.name}", value, positive=True, optional=True)


def _delay(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    check_seconds(f"max_retries: {attribute.name}", value, positive=False, optional=False)


def _count(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    check_whole_number(attribute.name, value, least=0)


@attrs.frozen
class Timeout:
    """Time limits in seconds; None means no limit.

    Attributes:
        total: For the whole call, including retries and waits for a free connection and for the rate limit.
        connect: For opening a connection, per attempt.
        read: For each wait for data from the server, per attempt.

    Raises:
        LagoConfigError: A limit is not a number above 0.
    """

    total: float | None = attrs.field(default=120.0, validator=_limit)
    connect: float | None = attrs.field(default=10.0, validator=_limit)
    read: float | None = attrs.field(default=60.0, validator=_limit)


@attrs.frozen(kw_only=True)
class RetryPolicy:
    """How often a call is retried, and how long it waits between attempts.

    Attributes:
        max_retries: Attempts after the first one.
        base_delay: Upper bound of the first delay, in seconds; it doubles from one attempt to the next.
        max_delay: Upper bound of every delay, in seconds. If a server asks for a longer one, the call is not retried.

    Raises:
        LagoConfigError: A value is not a number, or is negative.
    """

    max_retries: int = attrs.field(default=3, validator=_count)
    base_delay: float = attrs.field(default=0.5, validator=_delay)
    max_delay: float = attrs.field(default=20.0, validator=_delay)
