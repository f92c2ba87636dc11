"""Expressions of billable metrics: they combine numbers, texts and properties of an event.

Supported are ``+ - * /``, parentheses, and the functions concat, round, ceil and floor; everything else is refused.
"""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal, DivisionByZero, InvalidOperation
from typing import TypeAlias

from lago_async.sandbox._money.aggregation import number
from lago_async.sandbox._money.rounding import ROUNDINGS
from lago_async.sandbox._protocol.wire import Json, decimal_text

_Result: TypeAlias = Decimal | str
_TOKEN = re.compile(r"\s*(?:(\d+(?:\.\d+)?)|'([^']*)'|\"([^\"]*)\"|([A-Za-z_][\w.-]*)|(.))")
_DEPTH_MAX = 50


class ExpressionError(ValueError):
    """The text is not an expression, or the event lacks a variable that the expression needs."""


class ExpressionSyntaxError(ExpressionError):
    """The text is not an expression, whatever the event has."""


class _Parser:
    """A parser that evaluates while it reads; this grammar needs one token of look-ahead."""

    def __init__(self, text: str, look_up: Callable[[str], Json]) -> None:
        self._tokens = [found for found in _TOKEN.finditer(text) if found[0].strip()]
        self._position = 0
        self._depth = 0
        self._look_up = look_up

    def whole(self) -> _Result:
        result = self._sum()
        if self._position < len(self._tokens):
            raise ExpressionSyntaxError(f"unexpected {self._peek()!r}")
        return result

    def _peek(self) -> str:
        return self._tokens[self._position][0].strip() if self._position < len(self._tokens) else ""

    def _take(self, expected: str) -> None:
        if self._peek() != expected:
            raise ExpressionSyntaxError(f"expected {expected!r}")
        self._position += 1

    def _number(self, value: _Result) -> Decimal:
        converted = value if isinstance(value, Decimal) else number(value)
        if converted is None:
            raise ExpressionError(f"{value!r} is not a number")
        return converted

    def _binary(self, operand: Callable[[], _Result], operators: str) -> _Result:
        result = operand()
        while self._peek() and self._peek() in operators:
            operator = self._peek()
            self._position += 1
            left, right = self._number(result), self._number(operand())
            match operator:
                case "+":
                    result = left + right
                case "-":
                    result = left - right
                case "*":
                    result = left * right
                case _:
                    result = left / right
        return result

    def _sum(self) -> _Result:
        return self._binary(self._product, "+-")

    def _product(self) -> _Result:
        return self._binary(self._atom, "*/")

    def _atom(self) -> _Result:
        self._depth += 1
        if self._depth > _DEPTH_MAX:
            raise ExpressionSyntaxError("nested too deeply")
        result = self._value()
        self._depth -= 1
        return result

    def _value(self) -> _Result:
        if self._position >= len(self._tokens):
            raise ExpressionSyntaxError("it ends too early")
        token = self._tokens[self._position]
        self._position += 1
        digits, single, double, name, sign = token.groups()
        if digits is not None:
            return Decimal(digits)
        text = single if single is not None else double
        if text is not None:
            return str(text)
        if name is not None:
            return self._call(name) if self._peek() == "(" else self._variable(name)
        if sign == "-":
            return -self._number(self._atom())
        if sign == "(":
            result = self._sum()
            self._take(")")
            return result
        raise ExpressionSyntaxError(f"unexpected {sign!r}")

    def _variable(self, name: str) -> _Result:
        value = self._look_up(name)
        if value is None:
            raise ExpressionError(f"Variable: {name.removeprefix('event.properties.')} not found")
        return Decimal(str(value)) if isinstance(value, int | float) else str(value)

    def _call(self, name: str) -> _Result:
        self._take("(")
        arguments = [self._sum()]
        while self._peek() == ",":
            self._position += 1
            arguments.append(self._sum())
        self._take(")")
        if name == "concat":
            return "".join(decimal_text(item) if isinstance(item, Decimal) else item for item in arguments)
        if name not in ROUNDINGS or len(arguments) > 2:
            raise ExpressionSyntaxError(f"no such function: {name}")
        places = int(self._number(arguments[1])) if len(arguments) == 2 else 0
        return self._number(arguments[0]).quantize(Decimal(1).scaleb(-places), ROUNDINGS[name])


def check_syntax(expression: str) -> None:
    """Refuse a text that is not an expression.

    Raises:
        ExpressionSyntaxError: the text is not an expression.
    """
    try:
        _Parser(expression, lambda _: "1").whole()
    except ExpressionSyntaxError:
        raise
    except (ExpressionError, InvalidOperation, DivisionByZero):
        return


def evaluate(expression: str, variables: Mapping[str, Json]) -> _Result:
    """Evaluate an expression with the variables of an event.

    Raises:
        ExpressionError: the text is not an expression, or a variable is missing or not a number.
    """
    try:
        return _Parser(expression, variables.get).whole()
    except (InvalidOperation, DivisionByZero) as error:
        raise ExpressionError("the numbers do not allow it") from error


def is_expression(text: str | None) -> bool:
    """Return whether a text is an expression, whatever the variables are; a missing one is fine."""
    if text is None:
        return True
    try:
        check_syntax(text)
    except ExpressionSyntaxError:
        return False
    return True


def event_variables(code: Json, timestamp: Json, properties: Mapping[str, Json]) -> dict[str, Json]:
    """Return the variables that an event gives to expressions."""
    found = {f"event.properties.{name}": value for name, value in properties.items()}
    return {"event.code": code, "event.timestamp": timestamp, **found}
