"""How many decimals the currencies have whose smallest unit is not a hundredth (ISO 4217)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_CODES: Final = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF",
}

EXPONENTS: Final[Mapping[str, int]] = MappingProxyType(
    {code: digits for digits, codes in _CODES.items() for code in codes.split()}
)
"""The number of decimals of each currency that does not have two."""


def exponent(currency: str) -> int:
    """Return the number of decimals of a currency: 0 for JPY, 3 for KWD, 2 for most."""
    return EXPONENTS.get(currency, 2)
