"""Checks of plain values. Their messages name the setting and the remedy, and show no text, which may be a secret."""

from __future__ import annotations

from typing import Final, TypeGuard

from lago_async.errors import LagoArgumentError, LagoConfigError

_SHOWN: Final = 10**15  # larger numbers are not shown: Python refuses to print very long ones
_MOST_SECONDS: Final = 1e9  # 31 years; event loops overflow far above it
_MOST: Final = 2**63 - 1  # the largest number that every C library behind us accepts

Refusal = type[LagoConfigError] | type[LagoArgumentError]


def described(value: object) -> str:
    """Return a value as an error may show it: a short number as it is, anything else as its type."""
    if value is None or isinstance(value, bool):
        return str(value)
    if isinstance(value, int) and -_SHOWN < value < _SHOWN:
        return int.__repr__(value)
    if isinstance(value, float):
        return float.__repr__(value)
    return f"a value of type {type(value).__name__}"


def is_number(value: object) -> TypeGuard[int | float]:
    """Tell whether a value is an integer or a float; True and False are not numbers here."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def check_whole_number(name: str, value: object, *, least: int, error: Refusal = LagoConfigError) -> None:
    """Check a number that counts something.

    Raises:
        LagoConfigError: It is not an integer, or less than ``least``; another error if ``error`` says so.
    """
    if isinstance(value, int) and not isinstance(value, bool) and least <= value <= _MOST:
        return
    raise error(f"{name} must be a whole number, {least} or more, not {described(value)}")


def check_seconds(name: str, value: object, *, positive: bool, optional: bool) -> None:
    """Check a number of seconds.

    Args:
        name: The setting.
        value: The value that was given.
        positive: Whether 0 is refused.
        optional: Whether None, for no limit, is accepted.

    Raises:
        LagoConfigError: It is not a number, or out of bounds. NaN and infinity are out of bounds.
    """
    if optional and value is None:
        return
    if is_number(value):
        if (value > 0 or (value == 0 and not positive)) and value <= _MOST_SECONDS:
            return
        if value > _MOST_SECONDS:
            remedy = "; pass None for no limit" if optional else ""
            raise LagoConfigError(f"{name} must be at most {_MOST_SECONDS:.0f} seconds, not {described(value)}{remedy}")
    least = "more than 0" if positive else "0 or more"
    none = ", or None for no limit" if optional else ""
    raise LagoConfigError(f"{name} must be a number of seconds, {least}{none}, not {described(value)}")


def check_switch(name: str, value: object) -> None:
    """Check a setting that is on or off. Other values that Python takes for true are refused, such as "no".

    Raises:
        LagoConfigError: It is neither True nor False.
    """
    if value is not True and value is not False:
        raise LagoConfigError(f"{name} must be True or False, not {described(value)}")
