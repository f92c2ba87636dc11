"""``export LIST`` on the command line: every list has an option per filter, and their values arrive at the server."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from lago_async.__main__ import main
from lago_async._table.query import ParameterType
from lago_async.exports import _filters
from lago_async.exports._command import _parser, lists
from lago_async.exports._filters import arguments_of, filters_of, option_of
from lago_async.exports._request import is_list
from lago_async.sandbox import Sandbox
from tests.lago_async.sandbox.conftest import START

SAMPLES: dict[ParameterType, tuple[list[str], Any]] = {
    ParameterType.STRING: (["text"], "text"),
    ParameterType.INTEGER: (["-7"], -7),
    ParameterType.POSITIVE_INT: (["7"], 7),
    ParameterType.BOOLEAN: (["yes"], True),
    ParameterType.STRINGS: (["a", "b"], ["a", "b"]),
    ParameterType.STRINGS_OR_INTEGERS: (["200", "b"], ["200", "b"]),
    ParameterType.MAPPING: (["a=b=c", "d="], {"a": "b=c", "d": ""}),
    ParameterType.DATE: (["2025-01-31"], "2025-01-31"),
    ParameterType.DATETIME: (["2025-01-31T12:00:00Z"], "2025-01-31T12:00:00+00:00"),
}


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    with Sandbox(now=START) as sandbox:
        monkeypatch.setenv("LAGO_API_KEY", sandbox.api_key)
        monkeypatch.setenv("LAGO_API_URL", sandbox.url)
        for number in range(5):
            sandbox.perform("create_customer", {"external_id": f"c{number}", "name": f"Customer {number}"})
        yield sandbox


def test_every_list_has_an_option_for_each_filter_which_reads_the_type_of_the_table() -> None:
    seen = set()
    for name, row in lists().items():
        endpoint = row.endpoint
        assert is_list(endpoint)
        parser = _parser(f"export {name}", row)
        words: list[str] = []
        for place, path in enumerate(endpoint.path_params):
            words += [option_of(path), f"id {place}"]
        expected: dict[str, Any] = {}
        for parameter in filters_of(endpoint):
            given, value = SAMPLES[parameter.type]
            if parameter.values:
                given = list(parameter.values[:2]) if isinstance(value, list) else [parameter.values[0]]
                value = given if isinstance(value, list) else given[0]
            for text in given:
                words.append(f"{option_of(parameter.name)}={text}")
            expected[parameter.name] = value
            seen.add(parameter.type)
        path_values, filters = arguments_of(parser.parse_args(words), endpoint)
        assert path_values == tuple(f"id {place}" for place in range(len(endpoint.path_params)))
        shown = {key: value.isoformat() if hasattr(value, "isoformat") else value for key, value in filters.items()}
        assert shown == expected, name
        endpoint.encode(path_values, filters)  # the table takes them
    assert seen == set(SAMPLES) - {ParameterType.POSITIVE_INT}


def test_the_filters_arrive_at_the_server_and_the_file_has_the_rows(
    world: Sandbox, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "customers.ndjson"
    command = ["export", "customers", "--out", str(out), "--quiet"]
    assert main([*command, "--search-term", "Customer 3", "--has-customer-type", "no", "--currencies", "EUR"]) == 0
    query = world.requests[-1].query
    assert {("search_term", "Customer 3"), ("has_customer_type", "false"), ("currencies[]", "EUR")} <= set(query)
    said = capsys.readouterr().out
    assert "there are no rows, because the server has no customers with these filters" in said
    assert main(command) == 2
    assert "filter search_term Customer 3 there, none now" in (told := capsys.readouterr().err)
    assert "--overwrite" in told
    assert "overwrite=True" not in told
    assert main([*command, "--overwrite", "--per-page", "50"]) == 0
    assert f"5 rows\nwritten to {out}, as of" in capsys.readouterr().out
    assert [json.loads(line)["external_id"] for line in out.read_bytes().splitlines()] == [
        f"c{number}" for number in reversed(range(5))
    ]
    assert main(command) == 0
    assert f"{out} is already complete, as of" in capsys.readouterr().out


def test_a_list_without_pages_and_one_of_a_customer_are_exported_too(world: Sandbox, tmp_path: Path) -> None:
    assert main(["export", "billing-entities", "--out", f"{tmp_path}/entities/", "--quiet", "--format", "csv"]) == 0
    assert len((tmp_path / "entities" / "billing_entities.csv").read_text().splitlines()) == 2
    out = str(tmp_path / "wallets.parquet")
    assert main(["export", "customer_wallets", "--external-customer-id", "c1", "--out", out, "--quiet"]) == 0
    assert world.requests[-1].operation == "find_all_customer_wallets"


def test_wrong_arguments_are_refused_in_the_words_of_the_command_line(
    world: Sandbox, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = str(tmp_path / "x.csv")
    for words, said in {
        ("invoice", "--out", out): "there is no list 'invoice'; did you mean invoices",
        ("usage", "--out", out): "usage has a command of its own: usage export",
        ("invoices",): "the following arguments are required: --out",
        ("customer_wallets", "--out", out): "the following arguments are required: --external-customer-id",
        ("invoices", "--out", out, "--statuses", "finalised"): "invalid choice: 'finalised'",
        ("invoices", "--out", out, "--payment-overdue", "maybe"): "'maybe' is neither yes nor no",
        ("invoices", "--out", out, "--metadata", "key"): "'key' is not of the form KEY=VALUE",
        ("invoices", "--out", out, "--amount-from", "1.5"): "'1.5' is not a whole number",
        ("invoices", "--out", out, "--issuing-date-from", "soon"): "'soon' names no time",
        ("invoices", "--out", out, "--issuing-date-from", "now"): "'now' is a time; name a day",
        ("invoices", "--out", out, "--issuing-date-to", "2026-02"): "2026-02-01, 2026-02-28 or 2026-03-01",
        ("invoices", "--out", out, "--currency", ""): "it is empty",
        ("invoices", "--out", out, "--page", "2"): "unrecognized arguments: --page",
        ("invoices", "--out", out, "--per-page", "0"): "'0' is not a number of at least 1",
        ("invoices", "--out", out, "--spreadsheet", "dot"): "invalid choice: 'dot'",
    }.items():
        with pytest.raises(SystemExit) as ended:
            main(["export", *words])
        assert ended.value.code == 2
        assert said in capsys.readouterr().err, words
    for words, said in {
        ("invoices", "--out", str(tmp_path / "x.doc")): "has no known suffix",
        ("invoices", "--out", out, "--raw-text", "--spreadsheet"): "--raw-text and --spreadsheet exclude each other",
        ("invoices", "--out", str(tmp_path / "x.ndjson"), "--spreadsheet"): "--spreadsheet is for CSV, not for ndjson",
        ("invoices", "--out", out, "--api-url", "http://lago-api:3000"): "pass --allow-insecure-http",
    }.items():
        assert main(["export", *words, "--quiet"]) == 2
        assert said in capsys.readouterr().err, words
    assert list(tmp_path.iterdir()) == []
    assert not world.requests


def test_days_in_words_are_sent_as_days(world: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_filters, "utc_now", lambda: START + timedelta(days=40))
    words = ["--issuing-date-from", "last month", "--issuing-date-to", "yesterday"]
    assert main(["export", "invoices", "--out", str(tmp_path / "i.csv"), "--quiet", *words]) == 0
    query = dict(world.requests[-1].query)
    assert (query["issuing_date_from"], query["issuing_date_to"]) == ("2026-01-01", "2026-02-09")


def test_the_columns_of_a_list_are_printed_without_a_call(world: Sandbox, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", "wallets", "--columns"]) == 0
    names = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["lago_id", "text"] in names
    assert ["balance_cents", "integer"] in names
    assert not world.requests


@pytest.mark.parametrize("words", [["--help"], ["invoices", "--help"]], ids=["lists", "one"])
def test_help_names_the_lists_and_the_filters(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["export", *words])
    assert ended.value.code == 0
    said = capsys.readouterr().out
    assert ("  invoices\n" in said) if words == ["--help"] else ("--payment-overdue YES/NO" in said)
