"""From method and path to an operation: the endpoint table, matched as Lago's router does it."""

import re
from collections import defaultdict
from collections.abc import Iterable
from urllib.parse import unquote

from lago_async.sandbox._protocol.route import Route

_PREFIX = re.compile(r"/api/(v[0-9]+)/(.+)")


# A parameter is one segment and ends at a literal dot, except below these segments. The codes of the catalogue can
# even contain slashes.
_PLAIN = "[^./?]+"
_DOTS = {
    "subscriptions",
    "events",
    "charges",
    "fixed_charges",
    "entitlements",
    "filters",
    "rates",
    "applied_rate_cards",
}
_DOTS_AND_SLASHES = {
    "add_ons",
    "billable_metrics",
    "coupons",
    "features",
    "plans",
    "product_categories",
    "products",
    "rate_cards",
    "taxes",
}
_ESCAPE = re.compile("%[0-9a-fA-F]{2}")


def _segment_pattern(segment: str, before: str) -> str:
    if not segment.startswith("{"):
        return re.escape(segment)
    if before in _DOTS_AND_SLASHES:
        return "(.+)"
    return "([^/]+)" if before in _DOTS else f"({_PLAIN})"


def _pattern(route: Route) -> re.Pattern[str]:
    segments = route.path.strip("/").split("/")
    parts = [_segment_pattern(segment, before) for before, segment in zip(["", *segments], segments, strict=False)]
    return re.compile(rf"/api/{route.version}/{'/'.join(parts)}(?:\.[^./?]+)?")


def _specific_first(route: Route) -> tuple[int, int]:
    segments = route.path.strip("/").split("/")
    literals = sum(not segment.startswith("{") for segment in segments)
    return -literals, -len(segments)


def normalise(raw_path: str) -> str:
    """Merge repeated slashes, drop trailing ones, and write escapes in upper case; nothing is decoded."""
    path = re.sub("/+", "/", "/" + raw_path).rstrip("/")
    return _ESCAPE.sub(lambda escape: escape[0].upper(), path) or "/"


class Router:
    """The routes of one endpoint table."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self.by_name: dict[str, Route] = {route.name: route for route in routes}
        self._routes: defaultdict[tuple[str, str, str], list[Route]] = defaultdict(list)
        for route in self.by_name.values():
            first = route.path.strip("/").partition("/")[0]
            self._routes[route.version, route.method.upper(), first].append(route)
        # Compiled when they are first asked for: a test calls few operations, and should start at once.
        self._patterns: dict[tuple[str, str, str], list[tuple[re.Pattern[str], Route]]] = {}

    def match(self, method: str, raw_path: str) -> tuple[Route, tuple[str, ...]] | None:
        """Return the route and its decoded path parameters, in the path's order."""
        path = normalise(raw_path)
        prefix = _PREFIX.fullmatch(path)
        if prefix is None:
            return None
        version, first = prefix[1], re.split("[/.]", prefix[2], maxsplit=1)[0]
        for pattern, route in self._compiled((version, "GET" if method == "HEAD" else method, first)):
            found = pattern.fullmatch(path)
            if found:
                return route, tuple(unquote(value) for value in found.groups())
        # A server accepts PATCH wherever it accepts PUT.
        return self.match("PUT", raw_path) if method == "PATCH" else None

    def _compiled(self, key: tuple[str, str, str]) -> list[tuple[re.Pattern[str], Route]]:
        """Return the routes of one version, verb and first segment, the most specific ones first."""
        found = self._patterns.get(key)
        if found is None:
            routes = sorted(self._routes.get(key, ()), key=_specific_first)
            found = [(_pattern(route), route) for route in routes]
            if routes:
                self._patterns[key] = found
        return found
