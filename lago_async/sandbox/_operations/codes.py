"""Checks of names and codes that several resources share."""

from collections.abc import Collection

from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.params import Fields


def check_name_and_code(found: refusals.FieldErrors, given: Fields, *, taken: bool) -> None:
    """Report a missing name or code, and a code that is taken."""
    for field in ("name", "code"):
        if given.filled(field) is None:
            found.add(field, "value_is_mandatory")
    if taken:
        found.add("code", "value_already_exist")


def free_code(given: Fields, default: str, taken: Collection[str]) -> str:
    """Return the code that was sent, if it is free; without one, the default, with a number if needed."""
    code = given.filled("code")
    if code is not None:
        if code in taken:
            raise refusals.invalid_field("code", "value_already_exist")
        return code
    number, code = 1, default
    while code in taken:
        number += 1
        code = f"{default}_{number}"
    return code
