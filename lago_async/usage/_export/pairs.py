"""Subscriptions as pairs of external ids, and the digests that stand for them."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b
from typing import TypeAlias

Pair: TypeAlias = tuple[str, str]
"""The external ids of a customer and of one of its subscriptions."""


def digest(pair: Pair) -> bytes:
    """Return 16 bytes that stand for a pair, so that a million of them fit into memory."""
    customer, subscription = pair
    text = f"{len(customer or '')}:{customer}{subscription}"
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def fingerprint(pairs: Iterable[Pair]) -> str:
    """Return a short text that is the same for the same pairs in any order."""
    whole = blake2b(digest_size=8)
    for item in sorted(map(digest, pairs)):
        whole.update(item)
    return whole.hexdigest()
