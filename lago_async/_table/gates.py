"""The gates of operations: what the server or the organisation must have before it answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Literal, TypeAlias

__all__ = ["Gate"]

Gate: TypeAlias = Literal["premium", "order_forms", "projected_usage", "security_logs", "clickhouse"]
"""A premium licence, a feature flag (``order_forms``), an integration, or ClickHouse."""

_NEEDS: Mapping[Gate, str] = {
    "premium": "a premium licence",
    "order_forms": "the feature flag order_forms",
    "projected_usage": "the integration projected_usage",
    "security_logs": "the integration security_logs",
    "clickhouse": "ClickHouse on the server",
}

_OF_SOME_CALLS: Final = frozenset({"feature_unavailable", "feature_not_available", "premium_integration_missing"})
"""The codes if only some calls of an operation need something, such as those with ``plan_overrides``."""

_OF_THE_KEY: Final = "_action_not_allowed_for_"
"""A part of the code if the API key lacks a permission: ``write_action_not_allowed_for_order``."""


def needs(gates: Sequence[Gate]) -> str:
    """Return the text for gates: ``a premium licence and the feature flag order_forms``; empty without any."""
    *first, last = [_NEEDS[gate] for gate in gates] or [""]
    return f"{', '.join(first)} and {last}" if first else last


def missing_for(status_code: int, code: str | None, gates: Sequence[Gate]) -> str:
    """Return what the server or the organisation lacks, if a refusal is for that; empty if it is for something else.

    Args:
        status_code: The status of the refusal.
        code: Its code.
        gates: The gates of the operation.
    """
    if status_code == 403 and gates and code is not None and _OF_THE_KEY not in code:
        return f"the operation needs {needs(gates)}"
    if status_code in (403, 405) and code in _OF_SOME_CALLS:
        return "the call needs a premium licence, or a feature or an integration that the organisation does not have"
    return ""
