"""The gates of operations: what the server or the organisation must have before it answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, TypeAlias

__all__ = ["Gate"]

Gate: TypeAlias = Literal["premium", "order_forms", "security_logs", "clickhouse"]
"""A premium licence, the feature flag, the integration, or ClickHouse."""

_NEEDS: Mapping[Gate, str] = {
    "premium": "a premium licence",
    "order_forms": "the feature flag order_forms",
    "security_logs": "the integration security_logs",
    "clickhouse": "ClickHouse on the server",
}


def needs(gates: Sequence[Gate]) -> str:
    """Return the text for gates: ``a premium licence and the feature flag order_forms``; empty without any."""
    *first, last = [_NEEDS[gate] for gate in gates] or [""]
    return f"{', '.join(first)} and {last}" if first else last
