"""Public settings of a client: Lago Cloud's URLs, the time limits, the retries."""

from __future__ import annotations

from typing import Any, Final

import attrs

from lago_async.errors import LagoConfigError

__all__ = ["EU", "US", "RetryPolicy", "Timeout"]

US: Final = "https://api.getlago.com"
"""Base URL of Lago Cloud in the United States; the default."""

EU: Final = "https://api.eu.getlago.com"
"""Base URL of Lago Cloud in Europe."""


def _positive(_: object, attribute: attrs.Attribute[Any], value: Any) -> None:
    if value is not None and not value > 0:
        raise LagoConfigError(f"timeout: {attribute.name} must be more than 0 seconds, or None, not {value!r}")


@attrs.frozen
class Timeout:
    """Time limits in seconds; None means no limit.

    Attributes:
        total: For the whole call, including retries and waits for a free connection and for the rate limit.
        connect: For opening a connection, per attempt.
        read: For each wait for data from the server, per attempt.
    """

    total: float | None = attrs.field(default=120.0, validator=_positive)
    connect: float | None = attrs.field(default=10.0, validator=_positive)
    read: float | None = attrs.field(default=60.0, validator=_positive)


@attrs.frozen(kw_only=True)
class RetryPolicy:
    """How often a call is retried, and how long it waits between attempts.

    Attributes:
        max_retries: Attempts after the first one.
        base_delay: Upper bound of the first delay, in seconds; it doubles from one attempt to the next.
        max_delay: Upper bound of every delay, in seconds. If a server asks for a longer one, the call is not retried.
    """

    max_retries: int = attrs.field(default=3, validator=attrs.validators.ge(0))
    base_delay: float = attrs.field(default=0.5, validator=attrs.validators.ge(0))
    max_delay: float = attrs.field(default=20.0, validator=attrs.validators.ge(0))
