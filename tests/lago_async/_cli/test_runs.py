"""Commands against the sandbox, over sockets: what arrives, what is printed, and the exit codes."""

import csv
import io
import json
import string
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from lago_async._cli.exit_codes import ExitCode, code_of
from lago_async.errors import LagoConnectionError, LagoTimeoutError
from lago_async.sandbox import DropConnection, RawResponse, Sandbox
from tests.lago_async._cli.conftest import KEY, Lago


def perform(sandbox: Sandbox, operation: str, given: Any = None) -> Any:
    """Run an operation inside the sandbox."""
    return sandbox.perform(operation, given)


def customers(sandbox: Sandbox, count: int) -> None:
    for number in range(count):
        perform(
            sandbox, "create_customer", {"external_id": f"cus_{number}", "name": f"=Acme {number}", "currency": "EUR"}
        )


def test_an_object_is_found(lago: Lago, sandbox: Sandbox) -> None:
    customers(sandbox, 1)
    ended = lago("customers", "find", "cus_0")
    assert (ended.code, ended.err) == (0, "")
    assert json.loads(ended.out)["name"] == "=Acme 0"
    card = lago("customers", "find", "cus_0", "-o", "table")
    assert ["external_id", "cus_0"] in [line.split() for line in card.out.splitlines()]


def test_an_object_is_created_from_fields_and_from_json(lago: Lago, sandbox: Sandbox, tmp_path: Path) -> None:
    file = tmp_path / "body.json"
    file.write_text('{"external_id": "a", "name": "From a file", "tax_codes": [], "city": "Bern"}')
    given = ["--set", "name=null", "--set", "billing_configuration.invoice_grace_period=3", "--set", "city:=null"]
    ended = lago("customers", "create", "--json", f"@{file}", *given)
    assert (ended.code, ended.err) == (0, "")
    assert json.loads(sandbox.requests[-1].body or b"") == {
        "customer": {
            "external_id": "a",
            "name": "null",
            "tax_codes": [],
            "city": None,
            "billing_configuration": {"invoice_grace_period": 3},
        }
    }
    envelope = b'{"customer": {"external_id": "b"}}'
    assert lago("customers", "create", "--json", "-", stdin=envelope).code == 0
    assert lago("customers", "create", "--json", '{"external_id": "c"}').code == 0
    assert {customer["external_id"] for customer in perform(sandbox, "find_all_customers")} == {"a", "b", "c"}


@pytest.mark.parametrize(
    ("words", "settings", "body"),
    [
        ("taxes create", ["rate=0.10", "code=7", "name=true", "applied_to_organization=true"],
         {"tax": {"rate": "0.10", "code": "7", "name": "true", "applied_to_organization": True}}),
        ("plans create",
         ["name=P", "code=p", "interval=monthly", "amount_cents=10", "amount_currency=EUR", "tax_codes=a",
          "tax_codes=b",
          "charges.0.billable_metric_id=m", "charges.0.charge_model=standard", "charges.0.properties.amount=0.10",
          "charges.0.properties.free_units:=5", "charges.0.pay_in_advance=false"],
         {"plan": {"name": "P", "code": "p", "interval": "monthly", "amount_cents": 10, "amount_currency": "EUR",
                   "tax_codes": ["a", "b"],
                   "charges": [{"billable_metric_id": "m", "charge_model": "standard",
                                "properties": {"amount": "0.10", "free_units": 5}, "pay_in_advance": False}]}}),
        ("subscriptions create",
         ["external_customer_id=c", "plan_code=p", "external_id=s", "subscription_at=2026-01-31T00:00:00Z",
          "authorization.amount_cents=5", "authorization.amount_currency=EUR"],
         {"subscription": {"external_customer_id": "c", "plan_code": "p", "external_id": "s",
                           "subscription_at": "2026-01-31T00:00:00Z"},
          "authorization": {"amount_cents": 5, "amount_currency": "EUR"}}),
        ("entitlements update plan", ["seats.max=10", "seats.on=true", "seats.kind=big"],
         {"entitlements": {"seats": {"max": 10, "on": True, "kind": "big"}}}),
        ("plans merge-metadata plan", ["a=1", "b:=null"], {"metadata": {"a": "1", "b": None}}),
        ("customers create", ["external_id=a=b", "metadata.0.key=k", "metadata.0.value=v"],
         {"customer": {"external_id": "a=b", "metadata": [{"key": "k", "value": "v"}]}}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_fields_become_what_the_model_declares(
    words: str, settings: list[str], body: Mapping[str, Any], lago: Lago, sandbox: Sandbox
) -> None:
    given = [part for setting in settings for part in ("--set", setting)]
    ended = lago(*words.split(), *given, "--dry-run")
    assert ended.code == 0, ended.err
    assert json.loads(ended.out.partition("\n\n")[2]) == body
    assert list(sandbox.requests) == []


def test_a_list_is_whole_in_every_format_whatever_the_page_size(lago: Lago, sandbox: Sandbox) -> None:
    customers(sandbox, 7)
    names = [f"=Acme {number}" for number in reversed(range(7))]
    walk = ["customers", "find-all", "--all", "--per-page", "3"]
    assert [item["name"] for item in json.loads(lago(*walk, "-o", "json").out)] == names
    assert [json.loads(line)["name"] for line in lago(*walk, "-o", "ndjson").out.splitlines()] == names
    cells = list(csv.DictReader(io.StringIO(lago(*walk, "-o", "csv").out)))
    assert [row["name"] for row in cells] == [f"'{name}" for name in names]  # no spreadsheet runs it
    assert {"external_id", "billing_configuration", "metadata"} <= cells[0].keys()
    assert json.loads(cells[0]["billing_configuration"])["invoice_grace_period"] is None
    raw = list(csv.DictReader(io.StringIO(lago(*walk, "-o", "csv", "--raw-text").out)))
    assert [row["name"] for row in raw] == names
    table = lago(*walk, "-o", "table", "--columns", "name,external_id").out.splitlines()
    assert table[:2] == ["name     external_id", "=Acme 6  cus_6"]
    assert len(table) == 8
    assert json.loads(lago(*walk, "--query", "[?name == '=Acme 3'].external_id | [0]").out) == "cus_3"
    assert len(json.loads(lago(*walk, "-o", "json", "--columns", "name").out)) == 7


def test_an_empty_list_is_a_list_in_every_format(lago: Lago, sandbox: Sandbox) -> None:
    for every in ([], ["--all"]):
        assert lago("customers", "find-all", *every, "-o", "json").out == "[]\n"
        assert lago("customers", "find-all", *every, "-o", "ndjson").out == ""
        assert lago("customers", "find-all", *every, "-o", "table").out == "nothing found\n"
        assert lago("customers", "find-all", *every, "-o", "csv").out.startswith("lago_id,")


def test_a_first_page_says_that_there_are_more(lago: Lago, sandbox: Sandbox) -> None:
    customers(sandbox, 3)
    ended = lago("customers", "find-all", "--per-page", "2")
    assert ended.err == "page 1 of 2, 3 items: --all fetches all of them\n"
    assert lago("customers", "find-all", "--per-page", "2", "-q").err == ""
    assert lago("customers", "find-all", "--per-page", "3").err == ""


def test_any_request_goes_through_the_door(lago: Lago, sandbox: Sandbox) -> None:
    customers(sandbox, 2)
    perform(sandbox, "create_customer", {"external_id": "a.b/c d"})
    assert json.loads(lago("request", "GET", "/customers/a.b%2Fc%20d").out)["customer"]["external_id"] == "a.b/c d"
    assert json.loads(lago("request", "get", "/customers?per_page=1").out)["meta"]["total_pages"] == 3
    body = '{"customer": {"external_id": "d"}}'
    assert lago("request", "POST", "/customers", "--json", body).code == 0  # the table knows that it is harmless
    assert lago("request", "DELETE", "/customers/d").code == 12
    assert lago("request", "POST", "/customers/d/unheard_of").code == 12
    assert lago("request", "DELETE", "/customers/d", "--yes").code == 0
    assert lago("request", "GET", "/customers/d").code == 7
    rows = lago("request", "GET", "/customers", "--param", "per_page=2", "-o", "csv", "--columns", "external_id").out
    assert rows == "external_id\na.b/c d\ncus_1\n"
    shown = lago("request", "GET", "/invoices", "--param", "statuses[]=draft", "--param", "metadata[a]=b", "--dry-run")
    assert "/api/v1/invoices?statuses[]=draft&metadata[a]=b\n" in shown.out


def test_what_moves_money_or_destroys_is_refused_without_a_yes(lago: Lago, sandbox: Sandbox) -> None:
    customers(sandbox, 1)
    refused = lago("customers", "destroy", "cus_0")
    assert (refused.code, refused.out) == (12, "")
    assert "there is no terminal to ask: add --yes. Nothing was sent" in refused.err
    wallet = ["--set", "external_customer_id=cus_0", "--set", "currency=EUR", "--set", "rate_amount=1"]
    assert lago("wallets", "create", *wallet).code == 12
    assert list(sandbox.requests) == []
    assert lago("wallets", "create", *wallet, "-y").code == 0
    assert lago("customers", "destroy", "cus_0", "--yes").code == 0


@pytest.mark.parametrize(("answer", "code", "sent"), [(b"y\n", 0, 1), (b"n\n", 12, 0), (b"\n", 12, 0), (b"", 130, 0)])
def test_on_a_terminal_the_user_is_asked(
    answer: bytes, code: int, sent: int, lago: Lago, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    customers(sandbox, 1)
    monkeypatch.setattr("lago_async._cli.confirmation.is_terminal", lambda name: True)
    ended = lago("customers", "destroy", "cus_0", stdin=answer)
    assert ended.code == code
    assert "DELETE /customers/cus_0 may bill, pay or refund" in ended.err
    assert "(with LAGO_API_KEY). Continue? [y/N]" in ended.err
    assert len(sandbox.requests) == sent


def test_a_file_is_downloaded_when_it_is_ready(lago: Lago, sandbox: Sandbox, tmp_path: Path) -> None:
    customers(sandbox, 1)
    perform(sandbox, "create_add_on", {"name": "A", "code": "a", "amount_cents": 100, "amount_currency": "EUR"})
    invoice = perform(
        sandbox, "create_invoice", {"external_customer_id": "cus_0", "currency": "EUR", "fees": [{"add_on_code": "a"}]}
    )
    file = tmp_path / "invoice.pdf"
    ended = lago("invoices", "download-pdf", invoice["lago_id"], "--output", str(file))
    assert (ended.code, ended.out) == (0, "")
    assert file.read_bytes().startswith(b"%PDF")
    assert ended.err == f"{file.stat().st_size} bytes in {file}\n"
    refused = lago("invoices", "download-pdf", invoice["lago_id"], "--output", str(tmp_path / "no" / "x.pdf"))
    assert refused.code in (ExitCode.USAGE, ExitCode.FILE_FAILED, ExitCode.FAILED)
    assert "Traceback" not in refused.err
    late = lago("invoices", "download-xml", invoice["lago_id"], "--output", str(tmp_path / "x.xml"), "--timeout", "0.3")
    assert late.code == ExitCode.FILE_FAILED
    assert "wait longer with --timeout" in late.err


@pytest.mark.parametrize(
    ("status", "code", "text"),
    [
        (401, ExitCode.KEY_REFUSED, "lago profiles, or LAGO_API_KEY"),
        (403, ExitCode.KEY_REFUSED, "403"),
        (404, ExitCode.NOT_FOUND, "404"),
        (405, ExitCode.NOT_ALLOWED, "405"),
        (422, ExitCode.INVALID, "422"),
        (400, ExitCode.INVALID, "400"),
        (429, ExitCode.RATE_LIMITED, "429"),
        (500, ExitCode.SERVER_FAILED, "500"),
        (200, ExitCode.SERVER_FAILED, "not JSON"),
    ],
)
def test_each_cause_has_its_exit_code(
    status: int, code: ExitCode, text: str, lago: Lago, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAGO_MAX_RETRIES", "0")
    sandbox.inject(RawResponse(status, b"\x1b[31m<html>"))
    ended = lago("customers", "find-all")
    assert (ended.code, ended.out) == (code, "")
    assert ended.err.startswith("lago: ")
    assert ended.err.rstrip("\n").isprintable()
    assert text in ended.err


def test_a_payment_whose_response_is_lost_may_have_been_made(lago: Lago, sandbox: Sandbox) -> None:
    customers(sandbox, 1)
    sandbox.inject(DropConnection("after_handling"), operation="create_wallet")
    wallet = ["--set", "external_customer_id=cus_0", "--set", "currency=EUR", "--set", "rate_amount=1"]
    ended = lago("wallets", "create", *wallet, "--yes")
    assert ended.code == ExitCode.MAYBE_APPLIED
    assert "the server may have carried it out: look the effect up before you repeat it" in ended.err
    assert len(perform(sandbox, "find_all_wallets")) == 1


def test_a_server_that_cannot_be_reached_is_3(lago: Lago, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAGO_API_KEY", KEY)
    monkeypatch.setenv("LAGO_API_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("LAGO_MAX_RETRIES", "0")
    ended = lago("customers", "find-all")
    assert ended.code == ExitCode.UNREACHABLE
    assert KEY not in ended.err


def test_only_a_call_that_changes_something_is_uncertain() -> None:
    def lost(method: str, kind: type[LagoConnectionError]) -> ExitCode:
        return code_of(
            kind("x", operation="o", method=method, path="/", request_id="r", attempts=1, maybe_applied=True)
        )

    assert lost("GET", LagoTimeoutError) == ExitCode.UNREACHABLE
    assert lost("POST", LagoConnectionError) == ExitCode.MAYBE_APPLIED


def test_the_result_of_a_call_is_printed_even_if_an_expression_does_not_fit(lago: Lago, sandbox: Sandbox) -> None:
    ended = lago("customers", "create", "--set", "external_id=a", "--query", "sum(external_id)")
    assert ended.code == ExitCode.FAILED
    assert json.loads(ended.out)["external_id"] == "a"
    assert "the result is printed whole" in ended.err


def test_without_jmespath_nothing_is_sent(lago: Lago, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jmespath", None)
    assert lago("customers", "create", "--set", "external_id=a", "--query", "name").code == 2
    assert list(sandbox.requests) == []


def test_text_and_nothing_are_printed_as_they_are(lago: Lago, sandbox: Sandbox) -> None:
    ended = lago("webhooks", "fetch-public-key", "-o", "table")
    assert ended.code == 0
    assert set(ended.out) <= {*string.ascii_letters, *string.digits, *"+/=\n"}
    assert "lago webhooks fetch-json-public-key" in lago("webhooks", "fetch-public-key", "--help").out
    assert json.loads(lago("webhooks", "fetch-public-key", "-o", "json").out) == ended.out


def test_text_of_others_does_not_reach_the_terminal_as_a_command(lago: Lago, sandbox: Sandbox) -> None:
    name = "a\x1b[31mb\u202ec\x9bd"
    perform(sandbox, "create_customer", {"external_id": "x", "name": name})
    for shape in ("json", "ndjson", "table"):
        for words in (["customers", "find", "x"], ["customers", "find-all", "--all"]):
            out = lago(*words, "-o", shape).out
            assert not {"\x1b", "\u202e", "\x9b"} & set(out), shape
            if shape == "json":
                found = json.loads(out)
                assert (found[0] if isinstance(found, list) else found)["name"] == name


def test_the_version_is_printed(lago: Lago) -> None:
    from lago_async import __version__

    assert lago("--version").out == f"lago-async {__version__}\n"


def test_the_commands_of_python_m_have_the_name_of_the_script(lago: Lago) -> None:
    for name in ("usage", "doctor", "sandbox", "endpoints"):
        ended = lago(name, "--help")
        assert ended.code == 0
        assert ended.out.startswith(f"usage: lago {name}")
    assert lago("usage", "schema").code == 0
    assert lago("usage", "export").code == 2
    assert "create_invoice" in lago("endpoints").out


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_printed_for_each_shell(shell: str, lago: Lago) -> None:
    ended = lago("completion", shell)
    assert ended.code == 0
    assert f"_LAGO_COMPLETE={shell}_complete" in ended.out
    assert lago("completion", "tcsh").code == 2
