"""Importing is fast and loads only what is used; each case runs in its own process."""

import subprocess
import sys

import pytest

from lago_async.sandbox import Sandbox


def modules_after(source: str) -> set[str]:
    code = f"import sys\n{source}\nprint(*sys.modules)"
    return set(subprocess.check_output([sys.executable, "-W", "error", "-c", code], text=True, timeout=60).split())


@pytest.mark.parametrize("package", ["lago_async", "lago_sync"])
def test_importing_a_package_loads_none_of_its_dependencies(package: str) -> None:
    loaded = modules_after(f"import {package}")
    assert package in loaded
    assert not loaded & {"aiohttp", "anyio", "attrs", "attr", "cattrs", "msgspec", "yarl", "asyncio"}


def test_a_client_that_has_not_been_opened_has_not_loaded_aiohttp() -> None:
    loaded = modules_after("import lago_async; lago_async.LagoClient(api_key='key').customers")
    assert "lago_async.resources.customers" in loaded
    assert "aiohttp" not in loaded
    assert not {name for name in loaded if name.startswith("lago_async.models.") and name != "lago_async.models._base"}


def test_a_client_that_uses_one_resource_loads_its_models_and_no_others() -> None:
    with Sandbox() as sandbox:
        loaded = modules_after(
            f"from lago_sync import LagoClient\n"
            f"with LagoClient(api_key={sandbox.api_key!r}, base_url={sandbox.url!r}) as client:\n"
            f"    client.taxes.create({{'name': 'VAT', 'code': 'vat', 'rate': 20}})\n"
        )
    ours = {name for name in loaded if name.startswith(("lago_async.models.", "lago_async.resources."))}
    assert ours == {
        "lago_async.models._base",
        "lago_async.models._date_or_datetime",
        "lago_async.models.taxes",
        "lago_async.resources._base",
        "lago_async.resources.taxes",
    }
    assert "lago_async.sandbox" not in loaded


def test_a_call_of_the_blocking_client_needs_no_anyio() -> None:
    with Sandbox() as sandbox:
        loaded = modules_after(
            f"from lago_sync import CustomerInput, LagoClient\n"
            f"with LagoClient(api_key={sandbox.api_key!r}, base_url={sandbox.url!r}) as client:\n"
            f"    client.customers.create(CustomerInput(external_id='cus_1'))\n"
        )
    assert not loaded & {"anyio", "cattrs"}


def test_the_table_can_be_read_without_a_model() -> None:
    loaded = modules_after(
        "from lago_async import ENDPOINTS; assert {row.name for row in ENDPOINTS.rows} == set(ENDPOINTS)"
    )
    assert not {name for name in loaded if name.startswith("lago_async.models.")}
