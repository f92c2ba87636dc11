"""The command line prints the table; the sandbox's tests cover its server."""

import pytest

from lago_async import ENDPOINTS
from lago_async.__main__ import main


def test_endpoints_prints_a_line_for_every_operation(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["endpoints"]) == 0
    heading, *lines = capsys.readouterr().out.splitlines()
    assert heading.split()[:2] == ["operation", "HTTP"]
    assert {line.split()[0] for line in lines} == set(ENDPOINTS)
    found = next(line for line in lines if line.startswith("find_customer "))
    assert found.split() == [
        "find_customer",
        "GET",
        "/customers/{external_customer_id}",
        "customers.find",
        "Customer",
        "yes",
    ]


def test_the_table_says_what_is_never_sent_twice(capsys: pytest.CaptureFixture[str]) -> None:
    main(["endpoints"])
    last = {line.split()[0]: line for line in capsys.readouterr().out.splitlines()}
    assert last["create_invoice"].endswith("never")
    assert last["create_wallet_transaction"].endswith("never")
    assert last["create_event"].endswith("depends on the body  ingest_url")


def test_endpoints_prints_a_markdown_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["endpoints", "--markdown"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len({line.count(" | ") for line in lines}) == 1
    assert (
        "| `find_customer` | `GET /customers/{external_customer_id}` | `customers.find` | `Customer` | yes |  |  |"
        in lines
    )


def test_gates_prints_only_the_operations_that_need_something(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["endpoints", "--gates"]) == 0
    heading, *lines = capsys.readouterr().out.splitlines()
    assert heading.endswith("needs")
    assert {line.split()[0] for line in lines} == {name for name in ENDPOINTS if ENDPOINTS[name].gates}
    found = {line.split()[0]: line for line in lines}
    assert found["execute_order"].endswith("premium, order_forms")
    assert found["find_all_enriched_events"].endswith("clickhouse")


@pytest.mark.parametrize("arguments", [[], ["nonsense"], ["endpoints", "--nonsense"]])
def test_what_it_does_not_know_is_refused_with_its_usage(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert stop.value.code == 2
    assert "usage: python -m lago_async" in capsys.readouterr().err
