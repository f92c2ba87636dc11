"""Codes and names: whether they are there, and whether a code is free."""

from collections.abc import Collection

from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.params import Fields


def check_name_and_code(found: refusals.FieldErrors, given: Fields, *, taken: bool) -> None:
    """Note that a name or a code is missing, or that the code is taken."""
    for field in ("name", "code"):
        if given.filled(field) is None:
            found.add(field, "value_is_mandatory")
    if taken:
        found.add("code", "value_already_exist")


def free_code(given: Fields, default: str, taken: Collection[str]) -> str:
    """The code that was sent, which must be free; else the default, numbered from the second on."""
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
