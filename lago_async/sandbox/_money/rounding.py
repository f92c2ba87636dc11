"""All rounding of the sandbox: of units, of amounts of money, of credits, and of the numbers in responses."""

from collections.abc import Sequence
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_UP, Context, Decimal, localcontext
from fractions import Fraction

from lago_async.sandbox._protocol.wire import decimal_text

EXACT = Context(prec=1000, rounding=ROUND_HALF_UP)
"""A context so wide that no sum or product of the sandbox is rounded in between."""

_WIDE = Context(prec=60, rounding=ROUND_HALF_UP)
_BINARY = Context(prec=16, rounding=ROUND_DOWN)
_STORED = Context(prec=16, rounding=ROUND_HALF_UP)

ROUNDINGS = {"round": ROUND_HALF_UP, "ceil": ROUND_CEILING, "floor": ROUND_FLOOR}
"""The rounding functions of billable metrics and of their expressions."""

_CREDIT = Decimal("0.00001")
_SHOWN = Decimal("0.000000000000001")


def rounded(units: Decimal, function: str | None, precision: int | None) -> Decimal:
    """Apply the rounding function of a metric; a negative precision rounds to tens, hundreds and so on."""
    if function is None:
        return units
    return units.quantize(Decimal(1).scaleb(-(precision or 0)), ROUNDINGS[function], EXACT)


def ceil_to(number: Decimal, places: int) -> Decimal:
    """Round up to this many decimals."""
    return number.quantize(Decimal(1).scaleb(-places), ROUND_CEILING, EXACT)


def divided(number: Decimal | int, divisor: Decimal | int) -> Decimal:
    """Divide as the server's database does, which keeps 16 to 20 decimals."""
    dividend, by = Decimal(number), Decimal(divisor)
    places = 20 if abs(dividend) <= by else 16
    exact = _WIDE.divide(dividend, by)
    return exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP, _WIDE)


def divided_exactly(number: Decimal, divisor: Decimal) -> Decimal:
    """Divide with far more digits than any amount has."""
    return _WIDE.divide(number, divisor)


def part_of(amount_cents: int, ratio: Fraction) -> Decimal:
    """Return a part of an amount, with the five decimals of an item of a credit note."""
    exact = _WIDE.divide(Decimal(amount_cents * ratio.numerator), Decimal(ratio.denominator))
    return exact.quantize(_CREDIT, ROUND_HALF_UP)


def quotient(amount: Decimal, units: Decimal) -> Decimal:
    """Return the price of one unit; zero if there are none."""
    return _WIDE.divide(amount, units).quantize(_SHOWN, ROUND_HALF_UP, _WIDE) if units else Decimal(0)


def binary(number: float | Decimal) -> Decimal:
    """Return the decimal of a binary number: 16 digits, the rest cut off. The server computes shares in binary."""
    return _BINARY.create_decimal(repr(float(number)))


def stored_binary(number: Decimal) -> Decimal:
    """Return a binary number as a column of decimals keeps it: 16 digits of its exact value.

    85.71 is kept as 85.70999999999999.
    """
    return _STORED.create_decimal(Decimal(float(number)))


def whole(amount: Decimal) -> int:
    """Round to whole subunits, halves away from zero."""
    return int(amount.to_integral_value(ROUND_HALF_UP))


def half_up(amount: Fraction) -> int:
    """Round an amount that is not negative to whole subunits, halves up."""
    return int(amount + Fraction(1, 2))


def to_cents(amount: Decimal, exponent: int) -> int:
    """Convert an amount to whole subunits of a currency with ``exponent`` decimals, halves away from zero."""
    with localcontext(EXACT):
        return int(amount.scaleb(exponent).to_integral_value(ROUND_HALF_UP))


def taxes_on(amount_cents: int, rates: Sequence[Decimal]) -> int:
    """Return the taxes of these percentages on an amount; rounded once, for all of them together."""
    with localcontext(EXACT):
        return to_cents(sum((amount_cents * rate for rate in rates), Decimal(0)).scaleb(-2), 0)


def precise_taxes_on(amount: Decimal, rates: Sequence[Decimal]) -> Decimal:
    """Return the taxes of these percentages on an exact amount; the server divides each of them in binary."""
    with localcontext(EXACT):
        taxes = sum((binary(amount * rate).scaleb(-2) for rate in rates), Decimal(0))
        return taxes.quantize(_SHOWN, ROUND_HALF_UP)


def to_credits(number: Decimal) -> Decimal:
    """Round a number of credits to the five decimals that wallets have."""
    return number.quantize(_CREDIT, ROUND_HALF_UP)


def percentage(taxes: Decimal, taxed: Decimal) -> float:
    """Return the percentage that taxes are of the taxed amount, as credit notes show it."""
    return round(float(divided_exactly(taxes * 100, taxed)), 5) if taxed else 0.0


def completion_ratio(used_cents: int, threshold_cents: int) -> float:
    """Return the share of a usage threshold that is used, at most 1."""
    return round(min(1.0, used_cents / threshold_cents), 4)


def main_unit_text(cents: Decimal, exponent: int) -> str:
    """Write an amount in the main unit with the digits that are left where the server divides in binary."""
    return decimal_text(binary(cents).scaleb(-exponent))


def exact_text(number: Fraction) -> str:
    """Write a fraction as a decimal, with more decimals than any currency has."""
    return decimal_text(EXACT.quantize(EXACT.divide(Decimal(number.numerator), Decimal(number.denominator)), _SHOWN))


def floor_credits(number: Decimal) -> Decimal:
    """Cut a number of credits off after the five decimals that wallets have."""
    return number.quantize(_CREDIT, ROUND_FLOOR)
