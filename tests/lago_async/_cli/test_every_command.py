"""Every row of the endpoint table is a command, with its arguments, its help and its request."""

import json
import re
from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest

from lago_async import ENDPOINTS
from lago_async._cli import application, parameters, values
from lago_async._cli.application import root_command
from lago_async._cli.operations import ResourceGroup, command_name
from lago_async._registry import ENDPOINTS as TABLE
from lago_async._table.query import ParameterType, QueryParameter
from lago_async._table.rows import Row
from lago_async.sandbox import Sandbox
from tests.lago_async._cli.conftest import Lago
from tests.lago_async.sandbox.conftest import START
from tests.lago_async.sandbox.world import bodies, build

ODD = "a.b/c d%2F"
"""A value for paths and queries that must arrive as it is."""

SAMPLES: Mapping[ParameterType, list[str]] = {
    ParameterType.STRING: [ODD],
    ParameterType.INTEGER: ["-5"],
    ParameterType.POSITIVE_INT: ["7"],
    ParameterType.DATE: ["2026-01-31"],
    ParameterType.DATETIME: ["2026-01-31T12:00:00+01:00"],
    ParameterType.STRINGS: [ODD, "two"],
    ParameterType.STRINGS_OR_INTEGERS: ["404", "text"],
    ParameterType.MAPPING: ["key=a=b", "other=x"],
}


def words(row: Row) -> list[str]:
    """Return the words of a command."""
    return [command_name(row.resource), command_name(row.function.__name__)]


def sample(query: QueryParameter) -> tuple[list[str], list[tuple[str, str]]]:
    """Return the options that give a value to a parameter, and the pairs that the server must get."""
    option = f"--{parameters.option_name(query)}"
    if query.type is ParameterType.BOOLEAN:
        return [f"--no-{option[2:]}"], [(query.wire, "false")]
    texts = list(query.values[-1:]) or SAMPLES[query.type]
    given = [part for text in texts for part in (option, text)]
    if query.type is ParameterType.MAPPING:
        pairs = [text.partition("=") for text in texts]
        return given, [(f"{query.name}[{key}]", value) for key, _, value in pairs]
    return given, [(query.wire, text) for text in texts]


@pytest.fixture(scope="module")
def ids() -> dict[str, str]:
    return build(Sandbox(now=START, premium=True, features={"order_forms"}))


def body_arguments(row: Row, ids: Mapping[str, str]) -> tuple[list[str], Any]:
    """Return the option of the smallest valid body, and the JSON that the server must get."""
    given = bodies(ids).get(row.name)
    if row.endpoint.body is None or given is None:
        return [], None
    if row.endpoint.request_root == "alerts":
        given = {"alerts": [given["alert"]]}
    return ["--json", json.dumps(given)], given


def test_every_operation_has_a_command_that_shows_its_request(
    lago: Lago, ids: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAGO_API_URL", "https://lago.example/sub")
    for row in ENDPOINTS.rows:
        endpoint = row.endpoint
        path = [ODD for _ in endpoint.path_params]
        options: list[str] = []
        pairs: list[tuple[str, str]] = []
        for query in endpoint.query:
            given, expected = sample(query)
            options += given
            pairs += expected
        body, content = body_arguments(row, ids)
        ended = lago(*words(row), "--dry-run", *options, *body, "--", *path)
        assert ended.code == 0, (row.name, ended)
        assert bool(ended.err) == (endpoint.deprecated is not None), (row.name, ended.err)
        head, _, sent = ended.out.partition("\n\n")
        method, url = head.splitlines()[0].split(" ")
        parts = urlsplit(url)
        pattern = re.sub(r"\{\w+\}", "([^/]+)", f"/sub/api/{row.version}{row.path}")
        found = re.fullmatch(pattern, parts.path)
        assert method == row.method
        assert found is not None, (row.name, parts.path)
        assert [unquote(part) for part in found.groups()] == path
        assert sorted(parse_qsl(parts.query, keep_blank_values=True)) == sorted(pairs), row.name
        assert (json.loads(sent) if sent else None) == content, row.name
        assert "Authorization: Bearer ***\n" in f"{head}\n"


def test_every_command_has_help_that_names_its_request_its_parameters_and_its_risk(lago: Lago) -> None:
    for row in ENDPOINTS.rows:
        ended = lago(*words(row), "--help")
        text = " ".join(ended.out.split())
        assert (ended.code, ended.err) == (0, ""), row.name
        assert f"{row.method} /api/{row.version}{row.path}".replace(" ", "") in text.replace(" ", ""), row.name
        assert all(f"--{parameters.option_name(query)}" in text for query in row.endpoint.query), row.name
        assert ("--yes" in text) == ("Asks first" in text) == (row.risk is not None), row.name
        assert ("--all" in text) == row.paged, row.name
        assert ("--output" in text) == ("/download" in row.path), row.name
        assert ("--json" in text) == (row.endpoint.body is not None), row.name


def test_a_new_row_is_a_new_command() -> None:
    assert {(group, name) for group, name in commands()} == {
        (command_name(row.resource), command_name(row.function.__name__)) for row in TABLE.rows
    }


def commands() -> list[tuple[str, str]]:
    root = root_command()
    found: list[tuple[str, str]] = []
    for name in root.resources:
        group = root.get_command(root.make_context("lago", [], resilient_parsing=True), name)
        assert isinstance(group, ResourceGroup)
        found += [(name, command) for command in group.rows]
    return found


def test_no_command_of_ours_hides_one_of_the_table() -> None:
    assert set(root_command().resources).isdisjoint(application._OTHERS)
    of_table = set(commands())
    assert [
        (group, name) for group, names in application._BESIDE.items() for name in names if (group, name) in of_table
    ] == []


def test_no_parameter_of_the_table_takes_the_name_of_a_shared_option() -> None:
    """Were there one, it would get another name, which this shows."""
    assert [query.name for row in TABLE.rows for query in row.endpoint.query if query.name in parameters.RESERVED] == []
    clash = QueryParameter("query", "query", ParameterType.STRING, required=False)
    assert parameters.option_name(clash) == "query-parameter"
    assert parameters.values_of([clash], {"query_query": "x", "query": "JMESPath"}) == {"query": "x"}


def test_the_reserved_names_are_those_of_the_options_that_commands_have() -> None:
    row = next(row for row in TABLE.rows if row.name == "download_invoice_pdf")
    paged = next(row for row in TABLE.rows if row.name == "find_all_invoices")
    changing = next(row for row in TABLE.rows if row.name == "create_invoice")
    own: set[str] = {"help"}
    from lago_async._cli.operations import operation_command

    for command in map(operation_command, (row, paged, changing)):
        own |= {
            name[2:].replace("-", "_")
            for param in command.params
            if param.name is not None and not param.name.startswith(("query_", "path_"))
            for name in param.opts
            if name.startswith("--")
        }
    assert own == parameters.RESERVED


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["customers", "find"], "Missing argument 'EXTERNAL_CUSTOMER_ID'"),
        (["customers", "find", "a", "b"], "unexpected extra argument"),
        (["customers", "find", ""], "external_customer_id"),
        (["customers", "find", ".."], "external_customer_id"),
        (["invoices", "find-all", "--status", "finalised"], "'finalised' is not one of"),
        (["invoices", "find-all", "--statuses", "x"], "'x' is not one of"),
        (["invoices", "find-all", "--page", "0"], "0 is not in the range"),
        (["invoices", "find-all", "--issuing-date-from", "31.1.2026"], "is not a date like"),
        (["invoices", "find-all", "--metadata", "a"], "is not KEY=VALUE"),
        (["invoices", "find-all", "--metadata", "a=1", "--metadata", "a=2"], "one key twice"),
        (["events", "find-all", "--timestamp-from", "2026-01-31T12:00:00"], "has no time zone"),
        (["events", "find-all", "--timestamp-from", "soon"], "is not a date or time"),
        (["customers", "find-current-usage", "c"], "Missing option '--external-subscription-id'"),
        (["customers", "find-current-usage", "c", "--external-subscription-id", ""], "must not be empty"),
        (["customers", "find", "c", "--timeout", "0"], "is not a number of seconds above 0"),
        (["customers", "find", "c", "--timeout", "nan"], "is not a number of seconds above 0"),
        (["customers", "find", "c", "--query", "a["], "--query"),
        (["customers", "create"], "needs a body"),
        (["customers", "create", "--set", "name"], "is not PATH=VALUE"),
        (["customers", "create", "--set", "a..b=1"], "one dot"),
        (["customers", "create", "--json", "{"], "is not JSON"),
        (["customers", "create", "--json", "@/no/such/file"], "No such file"),
        (["customers", "create", "--json", '{"name": "a", "name": "b"}'], "'name' is there twice"),
        (["customers", "create", "--json", '{"name": NaN}'], "NaN is not JSON"),
        (["customers", "create", "--json", '{"name": "a", "nmae": "b"}'], "did you mean 'name'?"),
        (["plans", "create", "--set", "amount_cents=x"], "is not an integer"),
        (["plans", "create", "--set", "charges.1.charge_model=standard"], "is not the number of an item"),
        (["events", "create-batch", "--set", "code=x"], "takes a list: use --json"),
        (["nonsense"], "No such command 'nonsense'"),
        (["customers", "nonsense"], "No such command 'nonsense'"),
        (["request", "GET", "customers"], "path must be like"),
        (["request", "GET", "/customers", "--param", "a=1", "--param", "a=2"], "is there twice"),
        (["request", "POST", "/customers", "--json", "[]"], "must be an object"),
        (["request", "FETCH", "/customers"], "'FETCH' is not one of"),
        (["customers", "find", "c", "--profile", "none"], "there is no profile 'none'"),
    ],
    ids=lambda value: "-".join(value)[:60] if isinstance(value, list) else "",
)
def test_what_cannot_be_right_is_refused_before_anything_is_sent(
    arguments: list[str], problem: str, lago: Lago, sandbox: Sandbox
) -> None:
    ended = lago(*arguments)
    assert (ended.code, ended.out) == (2, "")
    assert problem in " ".join(ended.err.split())
    assert list(sandbox.requests) == []


def test_a_date_stays_a_date() -> None:
    assert values.day_or_time("2026-01-31") == date(2026, 1, 31)
