"""Symbols of a recording, such as ``<id:customer.1>``, and what stands for them on the server that is compared."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from lago_async.sandbox._protocol.wire import Json, JsonObject

UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
SYMBOL = re.compile(r"<(?:id:[^>]*|slug\.\d+|prefix|default-entity|default-entity-name)>")
NOW = re.compile(r"<now([^>]*)>")
# An id that no object has, in the place of ids that the compared server has not given.
NOWHERE = "00000000-0000-4000-8000-000000000000"


class Symbols:
    """The pairs of a story: each symbol stands for one text of the compared server, and each text has one symbol."""

    def __init__(self, known: Mapping[str, str]) -> None:
        self._texts: dict[str, str] = dict(known)
        self._symbols: dict[str, str] = {text: symbol for symbol, text in known.items()}
        self._short: list[str] = []  # slugs, longest first

    def ids(self) -> set[str]:
        """Return the ids that have a symbol."""
        return {text for symbol, text in self._texts.items() if symbol.startswith("<id:")}

    def stands_for(self, recorded: str, ours: str) -> bool:
        """Return whether a recorded text with symbols stands for ours, and pair the symbols that are new."""
        found = self._pattern(recorded).fullmatch(ours)
        if found is None:
            return False
        pairs = dict(zip(SYMBOL.findall(recorded), found.groups(), strict=True))
        if any(
            self._texts.get(symbol, text) != text or self._symbols.get(text, symbol) != symbol
            for symbol, text in pairs.items()
        ):
            return False
        for symbol, text in pairs.items():
            self._texts[symbol] = text
            self._symbols[text] = symbol
            if symbol.startswith("<slug") and text not in self._short:
                self._short = sorted([*self._short, text], key=len, reverse=True)
        return True

    def bind(self, symbol: str, text: str) -> None:
        """Pair a symbol with a text of the compared server, before it is shown."""
        self._texts[symbol] = text
        self._symbols[text] = symbol

    def named(self, text: str) -> str:
        """Return a text of the compared server with the symbols that are known."""
        text = re.sub(UUID, lambda found: self._symbols.get(found[0], found[0]), text)
        for ours in self._short:
            text = text.replace(ours, self._symbols[ours])
        return text

    def _pattern(self, recorded: str) -> re.Pattern[str]:
        parts: list[str] = []
        end = 0
        for symbol in SYMBOL.finditer(recorded):
            parts += [
                re.escape(recorded[end : symbol.start()]),
                f"({UUID})" if symbol[0].startswith("<id:") else "(.+?)",
            ]
            end = symbol.end()
        return re.compile("".join(parts) + re.escape(recorded[end:]), re.DOTALL)

    def filled(self, text: str, clock: datetime) -> str:
        """Return a text of a request with what the symbols in it stand for."""
        if "<" not in text:
            return text
        text = NOW.sub(lambda found: _minute(clock, found[1]), text)
        return SYMBOL.sub(
            lambda found: self._texts.get(found[0], NOWHERE if found[0].startswith("<id:") else found[0]), text
        )

    def filled_object(self, given: JsonObject, clock: datetime) -> JsonObject:
        """Return the body of a request with what the symbols in it stand for."""
        return {key: self._filled_value(value, clock) for key, value in given.items()}

    def _filled_value(self, value: Json, clock: datetime) -> Json:
        if isinstance(value, str):
            return self.filled(value, clock)
        if isinstance(value, dict):
            return self.filled_object(value, clock)
        if isinstance(value, list):
            return [self._filled_value(item, clock) for item in value]
        return value


def _minute(clock: datetime, form: str) -> str:
    """Write the minute that began last: the stories name whole minutes, and a request takes seconds."""
    at = clock.astimezone(UTC).replace(second=0, microsecond=0)
    # The form is what the recorded text has after the seconds: a fraction of zeros, and the zone.
    return at.strftime("%Y-%m-%dT%H:%M:%S") + form
