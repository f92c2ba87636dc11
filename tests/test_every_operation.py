"""Every operation, on both faces, over a real socket: all that is sent is allowed, and no part of a response is lost.

Each runs against the sandbox with the smallest valid request, and with the fullest request against a judge, a server
that does not use the table.
"""

import json
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin
from urllib.parse import parse_qsl, unquote

import attrs
import pytest
from aiohttp import web

from lago_async import ENDPOINTS, LagoApiError, Page
from lago_async.models._date_or_datetime import takes_date_or_datetime
from lago_async.pager import AsyncPager
from lago_async.sandbox import Sandbox
from tests.conftest import IMPATIENT, NewFace
from tests.contract.facts import OPERATIONS, version_of
from tests.contract.kinds import Array, Leaf, Map, Node, kind_of, members
from tests.contract.walk import sides, walk
from tests.lago_async.sandbox.conftest import START
from tests.lago_async.sandbox.world import build, expected_status
from tests.sample_calls import arguments, query_sample

ROWS = {f"{row.function.__module__.rpartition('.')[2]}.{row.function.__name__}": row for row in ENDPOINTS.rows}


def test_every_operation_of_the_contract_is_called_here() -> None:
    assert {row.name for row in ROWS.values()} == set(OPERATIONS)
    assert len(ROWS) == len(ENDPOINTS.rows)  # no two rows have the same path on the client


# --- against the sandbox ----------------------------------------------------------------------------------------------


@pytest.fixture
async def world() -> AsyncIterator[tuple[Sandbox, dict[str, str]]]:
    """Return a sandbox with one object of each kind, and their ids."""
    async with Sandbox(now=START, premium=True, features={"order_forms"}) as sandbox:
        yield sandbox, build(sandbox)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("path", ROWS)
async def test_the_sandbox_takes_it_and_its_answer_is_of_the_declared_type(
    path: str, world: tuple[Sandbox, dict[str, str]], new_face: NewFace
) -> None:
    sandbox, ids = world
    face = await new_face(api_key=sandbox.api_key, base_url=sandbox.url, max_retries=IMPATIENT)
    row = ROWS[path]
    if "logs" in path:  # a request that the logs record
        await face("taxes.create", {"name": "L", "code": "logged", "rate": 1})
        ids["request"] = sandbox.requests[-1].headers["X-Request-Id"]
        ids["activity"] = (await face.items("activity_logs.find_all"))[0].activity_id
    positional, queries = arguments(row, ids)
    if expected_status(row.name) != 200:
        with pytest.raises(LagoApiError) as refused:
            await face.with_http_info(path, *positional, **queries)
        assert refused.value.status_code == expected_status(row.name)
        return
    info = await face.with_http_info(path, *positional, **queries)
    assert info.status_code == 200
    assert sandbox.requests[-1].operation == row.name
    returns = row.endpoint.returns
    assert is_of(info.data, returns), f"{type(info.data)} is no {returns}"
    if row.endpoint.root is not None and info.body:
        sent = json.loads(info.body)
        data = info.data.items if isinstance(info.data, Page) else info.data
        assert_nothing_lost(sent[row.endpoint.root], data, row.name)


def is_of(value: object, hint: Any) -> bool:
    """Tell whether a value, including the elements of containers, has a declared type."""
    if get_origin(hint) in (Union, UnionType):
        return any(is_of(value, part) for part in get_args(hint))
    if get_origin(hint) is AsyncPager:
        return isinstance(value, Page) and all(is_of(item, get_args(hint)[0]) for item in value.items)
    if get_origin(hint) is list:
        return isinstance(value, list) and all(is_of(item, get_args(hint)[0]) for item in value)
    if get_origin(hint) is dict:
        return isinstance(value, dict)
    if hint in (None, NoneType):
        return value is None
    return isinstance(value, hint)


def assert_nothing_lost(sent: Any, read: Any, where: str) -> None:
    """Check that every field that a model declares holds the value of the JSON."""
    if isinstance(read, list):
        assert len(sent) == len(read), where
        for index, (one, other) in enumerate(zip(sent, read, strict=True)):
            assert_nothing_lost(one, other, f"{where}[{index}]")
    elif attrs.has(type(read)):
        for field in attrs.fields(type(read)):
            if field.name in sent:
                assert_nothing_lost(sent[field.name], getattr(read, field.name), f"{where}.{field.name}")
    elif isinstance(read, dict):
        assert sent.keys() == read.keys(), where
        for key, value in read.items():
            assert_nothing_lost(sent[key], value, f"{where}.{key}")
    elif isinstance(read, datetime):
        assert datetime.fromisoformat(sent) == read, where
    elif isinstance(read, date):
        assert date.fromisoformat(sent) == read, where
    elif isinstance(read, Decimal) or (isinstance(read, int | float) and isinstance(sent, str)):
        assert Decimal(str(sent)) == Decimal(str(read)), where
    elif sent is None and read == []:
        pass  # a list that is null is read as empty
    else:
        assert sent == read, where


# --- against a judge --------------------------------------------------------------------------------------------------


class Judge:
    """A server that knows the contract but not the table: it records everything that a request should not have."""

    def __init__(self) -> None:
        self.url = ""
        self.operation: str | None = None
        self.objections: list[str] = []
        self.body: Any = None
        self.routes = {
            name: (
                facts["method"],
                re.compile(f"/api/{version_of(facts)}" + re.sub(r"\{\w+\}", "([^/]+)", facts["path"])),
            )
            for name, facts in OPERATIONS.items()
        }

    async def answer(self, request: web.BaseRequest) -> web.Response:
        raw_path, _, query = request.raw_path.partition("?")
        matching = [
            name
            for name, (method, pattern) in self.routes.items()
            if method == request.method and pattern.fullmatch(raw_path)
        ]
        # /plans/{code} also matches /plans/estimate: the one with the fewest parameters is meant.
        self.operation = min(matching, key=lambda name: OPERATIONS[name]["path"].count("{"), default=None)
        self.objections = []
        if self.operation is None:
            self.objections.append(f"no operation for {request.method} {raw_path}")
            return web.Response(status=404)
        facts = OPERATIONS[self.operation]
        if any("." in unquote(part) and "." in part for part in raw_path.split("/")):
            self.objections.append("a literal dot in the path")
        self.objections += judge_query(facts["query"], query)
        self.body = await request.read()
        if facts["request"] is None and self.body:
            self.objections.append("a body where none belongs")
        return web.Response(body=b"", content_type="application/json")


def judge_query(known: Mapping[str, Any], query: str) -> Iterator[str]:
    """Return the parts of a query that the contract does not allow: names, or forms of names."""
    forms = {wire.partition("[")[0]: wire for wire in known}
    for name, _ in parse_qsl(query, keep_blank_values=True):
        wire = forms.get(name.partition("[")[0])
        if wire is None:
            yield f"{name}: unknown"
            continue
        keyed = wire.endswith("[key]") or known[wire]["type"].startswith("map<")
        pattern = r"\w+\[[^]]+\]" if keyed else r"\w+\[\]" if wire.endswith("[]") else r"\w+"
        if not re.fullmatch(pattern, name):
            yield f"{name}: not in the form of {wire}"


@pytest.fixture
async def judge() -> AsyncIterator[Judge]:
    judge = Judge()
    runner = web.ServerRunner(web.Server(judge.answer, access_log=None))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    judge.url = f"http://{host}:{port}"
    yield judge
    await runner.cleanup()


SAMPLES: dict[Any, Any] = {
    str: "text",
    int: 7,
    float: 1.5,
    bool: True,
    Decimal: Decimal("12.50"),
    datetime: datetime(2026, 1, 31, 12, 30, tzinfo=UTC),
    date: date(2026, 1, 31),
    Any: "anything",
}


def sample(hint: Any) -> Any:
    """Return a value of a declared type, with everything in it that the contract has."""
    if takes_date_or_datetime(hint):
        return SAMPLES[datetime]
    part = members(hint)[0]
    origin: Any = get_origin(part)
    if origin is list:
        return [sample(get_args(part)[0])]
    if origin is dict:
        return {"key": sample(get_args(part)[1])}
    if attrs.has(part):
        return part(**{field.name: sample(field.type) for field in attrs.fields(part)})
    return SAMPLES[part]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("path", ROWS)
async def test_all_that_a_request_can_hold_is_what_the_contract_allows(
    path: str, judge: Judge, new_face: NewFace
) -> None:
    row = ROWS[path]
    endpoint = row.endpoint
    face = await new_face(api_key="key", base_url=judge.url, max_retries=0)
    positional: list[Any] = [f"id/{number}.x" for number in range(len(endpoint.path_params))]
    kwargs: dict[str, Any] = {query.name: query_sample(str(query.type)) for query in endpoint.query}
    if endpoint.body is not None:
        positional.append(sample(endpoint.body))
    for name, model in endpoint.siblings:
        kwargs[name] = sample(model)
    request = endpoint.encode(tuple(positional), kwargs)
    await face.run(face.client.send, request)
    assert judge.operation == row.name
    assert judge.objections == []
    facts = OPERATIONS[row.name]
    sent = {name.partition("[")[0] for name, _ in parse_qsl(request.target.partition("?")[2])}
    assert sent == {name.partition("[")[0] for name in facts["query"]}
    if endpoint.body is not None:
        body = json.loads(judge.body)
        content = body if endpoint.request_root is None else body[endpoint.request_root]
        kind = next(iter(sides(walk(), endpoint, facts)))[0]
        problems = list(misfits(content[0] if isinstance(content, list) else content, kind, row.name))
        assert not problems


# One model is used in several places, and the contract describes these fields in only some of them; in the others, the
# server accepts or ignores them.
SHARED = {
    "accepts_target_wallet",  # of charges
    "add_on_code",  # of fixed charges, next to the id of the add-on
    "apply_units_immediately",  # of fixed charges
    "cascade_updates",  # of charges and fixed charges
    "code",  # of the pricing unit of a charge
    "presentation_group_keys",  # of the properties of charges, which those of filters are
    "transaction_id",  # of events, of which an estimate is one
}


def misfits(value: Any, kind: Any, where: str) -> Iterator[str]:
    """Return the parts of a request's JSON that the contract does not allow."""
    match kind:
        case Node():
            if not isinstance(value, dict):
                yield f"{where}: {value!r} is no object"
                return
            for name, inner in value.items():
                if name not in kind.fields and name not in SHARED:
                    yield f"{where}.{name}: not in the contract"
                elif name in kind.fields:
                    yield from misfits(inner, kind_of(kind.fields[name], f"{kind.path}.{name}"), f"{where}.{name}")
        case Array():
            if isinstance(value, list):
                for inner in value:
                    yield from misfits(inner, kind.of, f"{where}[]")
            else:
                yield f"{where}: {value!r} is no list"
        case Map():
            if isinstance(value, dict):
                for inner in value.values():
                    yield from misfits(inner, kind.of, f"{where}{{}}")
            else:
                yield f"{where}: {value!r} is no map"
        case Leaf(name):
            forms = {"integer": int, "boolean": bool, "number": int | float | str, "any": object, "null": NoneType}
            if not any(isinstance(value, forms.get(form, str)) for form in name.split("|")):
                yield f"{where}: {value!r} is no {name}"
