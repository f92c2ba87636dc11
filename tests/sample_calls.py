"""The smallest valid call of each operation, as a user writes it, in the world of `world.py` of the sandbox's tests."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from lago_async._table.rows import Row
from tests.lago_async.sandbox.world import bodies, path_values

TIME = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
DAY = date(2026, 1, 2)


def arguments(row: Row, ids: Mapping[str, str]) -> tuple[list[Any], dict[str, Any]]:
    """Return the arguments that a user passes for the smallest valid request."""
    endpoint = row.endpoint
    positional: list[Any] = list(path_values(row.name, ids))
    given = bodies(ids).get(row.name)
    if given is not None:
        content = given if endpoint.request_root is None else given.get(endpoint.request_root)
        positional.append([given["alert"]] if endpoint.request_root == "alerts" else content)
    queries = {query.name: query_sample(str(query.type)) for query in endpoint.query if query.required}
    queries |= {name: "cus" if "customer" in name else "sub" for name, given in queries.items() if given == "text"}
    return positional, queries


def query_sample(kind: str) -> Any:
    """Return a value for a parameter of a query."""
    return {
        "a string": "text",
        "an integer of 1 or more": 2,
        "an integer": 3,
        "True or False": True,
        "a date or a datetime with a time zone": TIME,
        "a date": DAY,
        "a mapping of strings to strings": {"key": "value"},
    }.get(kind, ["one", "two"])
