"""The outcome of each call of a bulk run: a value, or an error."""

from __future__ import annotations

from typing import Generic, TypeVar, cast

import attrs

__all__ = ["Outcome"]

_In = TypeVar("_In")
_T = TypeVar("_T")


@attrs.frozen(eq=False, repr=False)
class Outcome(Generic[_In, _T]):
    """The result of one call of a bulk run: a value, or an error.

    Attributes:
        input: The input of the call.
        error: The error of the call; None if there is a value.
    """

    input: _In
    error: Exception | None = None
    _value: _T | None = None

    @property
    def ok(self) -> bool:
        """Whether there is a value."""
        return self.error is None

    @property
    def value(self) -> _T:
        """The result of the call.

        Raises:
            Exception: The call's own error, if it failed.
        """
        if self.error is not None:
            raise self.error
        return cast("_T", self._value)

    def __repr__(self) -> str:
        return f"<Outcome of {self.input!r}: {self._value if self.error is None else self.error!r}>"
