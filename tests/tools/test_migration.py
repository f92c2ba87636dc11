"""The migration guide has each public method of Lago's own client, and the right one of ours."""

import inspect
import re

from lago_async._registry import ENDPOINTS
from tools import migration


def test_the_table_of_the_page_is_the_one_that_the_client_makes() -> None:
    assert migration.PAGE.read_text(encoding="utf-8").endswith("\n" + migration.table())


def test_no_method_of_the_client_is_left_out() -> None:
    """Count its methods without calling them: by the classes of its modules, instead of the attributes of a client."""
    import lago_python_client
    from lago_python_client.base_client import BaseClient

    named = {method.name.rpartition(".")[2] for method in migration.methods()}
    public = {
        name
        for kind in subclasses(BaseClient)
        if kind.__module__.startswith(lago_python_client.__name__)
        for name, _ in inspect.getmembers(kind, inspect.isfunction)
        if not name.startswith("_") and name != "api_resource"
    }
    assert named == public


def subclasses(kind: type) -> set[type]:
    direct: list[type] = kind.__subclasses__()
    return {*direct, *(below for each in direct for below in subclasses(each))}


def test_every_method_of_ours_that_the_page_names_exists() -> None:
    named = re.findall(r"\| `client\.([\w.]+)` \| `[A-Z]+ /", migration.table())
    ours = {f"{row.function.__module__.rpartition('.')[2]}.{row.function.__name__}" for row in ENDPOINTS.rows}
    assert named
    assert set(named) <= ours
