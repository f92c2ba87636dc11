"""Selections from a result with JMESPath (``--query``)."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

import click

if TYPE_CHECKING:
    from lago_async.models import Json


class _Expression(Protocol):
    """The part of an expression of the library jmespath that we use."""

    def search(self, value: Json, /) -> Json: ...


class Selection:
    """An expression, checked before anything is sent, so that no result is lost because of it.

    Raises:
        click.UsageError: The expression is wrong, or the library is missing.
    """

    def __init__(self, expression: str) -> None:
        try:
            library = import_module("jmespath")
            self._error = cast("type[Exception]", import_module("jmespath.exceptions").JMESPathError)
        except ImportError:
            raise click.UsageError("--query needs jmespath: pip install 'lago-async[cli]'") from None
        try:
            self._expression = cast("_Expression", library.compile(expression))
        except self._error as error:
            raise click.UsageError(f"--query: {_line(error)}") from None

    def of(self, value: Json) -> tuple[Json, str]:
        """Return what the expression selects, and what is wrong if a function of it does not take these values."""
        try:
            return self._expression.search(value), ""
        except self._error as error:
            return None, _line(error)


def _line(error: Exception) -> str:
    return " ".join(str(error).split())
