"""The page of what the sandbox simulates names everything that it treats otherwise than a server."""

from lago_async import ENDPOINTS
from lago_async.sandbox._operations.simulation import TABLE
from tests.lago_async.sandbox.world import GATED, NEVER_MADE, NOT_SIMULATED
from tools.generate.simulated import render
from tools.simulated.table import NEEDS_OTHER_SERVICES, SIMPLIFIED, operations, refused_fields


def test_every_operation_stands_in_the_table_once() -> None:
    names = [name for name, _ in operations()]
    assert sorted(names) == sorted({row.name for row in ENDPOINTS.rows})


def test_operations_that_a_sandbox_refuses_are_those_that_the_tests_know() -> None:
    assert set(NEEDS_OTHER_SERVICES) == {*GATED, *NEVER_MADE}
    assert {name for name, how in operations() if how.startswith("not simulated")} == set(NOT_SIMULATED)
    assert set(SIMPLIFIED) <= {row.name for row in ENDPOINTS.rows}


def test_the_page_names_each_field_that_is_refused() -> None:
    (page,) = render().values()
    for fields in TABLE.values():
        for field in fields:
            assert f"`{field.field}` | {field.reason} |" in page
    assert all(f"| {where} |" in page for where, _, _ in refused_fields())
