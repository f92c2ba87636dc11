"""The two faces have the same interface, and the generated files are up to date."""

import importlib
import inspect
import re
from pathlib import Path
from types import ModuleType

import pytest

import lago_async
import lago_sync
from lago_async import ENDPOINTS
from lago_async._table.rows import Row
from lago_async.resources import Resources as AsyncResources
from lago_sync.resources import Resources as SyncResources
from tools.generate import __main__ as generate
from tools.generate.sources import module_of

ROOT = Path(__file__).parent.parent


def resources(face: type) -> dict[str, type]:
    """Return the resource classes of a face, by attribute."""
    package = face.__module__
    found: dict[str, type] = {}
    for name, attribute in vars(face).items():
        if hasattr(attribute, "func"):
            module = __import__(f"{package}.{name}", fromlist=["x"])
            found[name] = getattr(module, module.__all__[0])
    return found


def methods(resource: type) -> dict[str, object]:
    return {name: method for name, method in vars(resource).items() if not name.startswith("_") and callable(method)}


ASYNC, SYNC = resources(AsyncResources), resources(SyncResources)


def test_nothing_generated_has_drifted_from_its_source() -> None:
    assert not generate.differences(), f"{''.join(generate.differences())}\nRun `make generate`."


def test_every_resource_module_is_generated_once_and_nothing_else_is_there() -> None:
    sources = {path.name for path in (ROOT / "lago_async" / "resources").glob("*.py") if path.name != "_base.py"}
    rendered = {path.name for path in generate.render() if path.parent == ROOT / "lago_sync" / "resources"}
    assert rendered == sources == {path.name for path in (ROOT / "lago_sync" / "resources").glob("*.py")}
    assert len(sources) == len(ASYNC) + 1


def test_generated_files_say_what_makes_them() -> None:
    for path, text in generate.render().items():
        assert re.match(r"(# |<!-- )GENERATED .*`python -m tools\.generate`", text), path


def test_a_syntax_error_in_a_source_is_told_with_its_file_and_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "customers.py"
    source.write_text("class Customers(Resource):\n    async def find(self) -> : ...\n")
    monkeypatch.setattr("tools.generate.sources.ROOT", tmp_path)
    with pytest.raises(SystemExit, match=r"customers\.py:2: .*; nothing was generated"):
        module_of(source)


def test_a_changed_row_is_drift_and_the_check_says_what_to_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rendered = generate.render()
    path = next(path for path in rendered if path.name == "customers.py")
    monkeypatch.setattr(generate, "render", lambda: {**rendered, path: rendered[path].replace("Find a customer", "X")})
    monkeypatch.setattr("sys.argv", ["generate", "--check"])
    assert generate.main() == 1
    shown = capsys.readouterr().out
    assert "-        " in shown
    assert "make generate" in shown


def test_a_file_that_nothing_generates_is_drift(monkeypatch: pytest.MonkeyPatch) -> None:
    rendered = generate.render()
    orphan = next(path for path in rendered if path.name == "customers.py")
    monkeypatch.setattr(generate, "render", lambda: {path: text for path, text in rendered.items() if path != orphan})
    assert generate.differences() == ["lago_sync/resources/customers.py: no source generates it any more, delete it\n"]


def test_both_faces_have_the_same_resources() -> None:
    assert ASYNC
    assert list(ASYNC) == list(SYNC)


def without_async(annotation: object) -> str:
    """Return the annotation of the blocking face for that of the other one."""
    return re.sub(r"(Iterable\[.+\]) \| Async\1", r"\1", str(annotation))


@pytest.mark.parametrize("name", ASYNC)
def test_every_operation_is_on_both_faces_with_equal_parameters_and_docstring(name: str) -> None:
    async_methods, sync_methods = methods(ASYNC[name]), methods(SYNC[name])
    assert list(async_methods) == list(sync_methods)
    for method, function in async_methods.items():
        twin = sync_methods[method]
        one, other = (
            [(item.name, item.kind, item.default, without_async(item.annotation)) for item in parameters]
            for parameters in (inspect.signature(face).parameters.values() for face in (function, twin))  # type: ignore[arg-type]
        )
        assert one == other, method
        returned = inspect.signature(function).return_annotation  # type: ignore[arg-type]
        assert inspect.signature(twin).return_annotation == returned.replace("AsyncPager", "Pager")  # type: ignore[arg-type]
        assert inspect.getdoc(function) == inspect.getdoc(twin), method
        assert inspect.getdoc(function)


def test_every_row_of_the_table_is_a_method_of_a_resource_and_the_other_way_round() -> None:
    rows = {
        function.row.name  # type: ignore[attr-defined]
        for resource in ASYNC.values()
        for function in methods(resource).values()
        if isinstance(getattr(function, "row", None), Row)
    }
    assert rows == set(ENDPOINTS)
    # Some operations have two methods: alerts are made one at a time or many at once.
    all_methods = [function for resource in ASYNC.values() for function in methods(resource).values()]
    assert len(ENDPOINTS.rows) == len([function for function in all_methods if hasattr(function, "row")])
    assert [function.__name__ for function in all_methods if not hasattr(function, "row")] == ["ingest"]  # type: ignore[attr-defined]


def test_both_packages_export_the_same_names() -> None:
    # The blocking face has no pager for asyncio; and there is one sandbox for both.
    assert set(lago_async.__all__) - set(lago_sync.__all__) == {"AsyncPager", "sandbox"}
    assert set(lago_sync.__all__) <= set(lago_async.__all__)
    differing = {name for name in lago_sync.__all__ if getattr(lago_async, name) is not getattr(lago_sync, name)}
    assert differing == {"EventSink", "IngestResults", "LagoClient", "Pager", "bulk", "exports", "usage", "webhooks"}


@pytest.mark.parametrize("package", [lago_async, lago_sync])
def test_a_star_import_gives_what_dir_shows(package: ModuleType) -> None:
    names: dict[str, object] = {}
    exec(f"from {package.__name__} import *", names)
    assert set(dir(package)) == set(names) - {"__builtins__"} == set(package.__all__)
    assert {"LagoClient", "bulk", "usage"} <= names.keys()


def test_both_clients_have_the_same_interface() -> None:
    faces = lago_async.LagoClient, lago_sync.LagoClient
    public = [{name for name in dir(face) if not name.startswith("_")} for face in faces]
    assert public[0] == public[1]
    parameters = [dict(inspect.signature(face).parameters) for face in faces]
    assert parameters[1].pop("uvloop").default is False
    assert parameters[0] == parameters[1]
    for name in ("with_options", "close", "send", "send_all"):
        one, other = (inspect.signature(getattr(face, name)).parameters for face in faces)
        assert one == other, name


@pytest.mark.parametrize("module", ["bulk", "usage"])
def test_what_is_built_on_the_client_reads_the_same_on_both_faces(module: str) -> None:
    faces = [importlib.import_module(f"{package}.{module}") for package in ("lago_async", "lago_sync")]
    assert faces[0].__all__ == faces[1].__all__
    for name in faces[0].__all__:
        twins = [getattr(face, name) for face in faces]
        if inspect.isfunction(twins[0]):
            one, other = (inspect.signature(twin).parameters.values() for twin in twins)
            if name != "prepare":  # there, overloads give the result for a pager
                assert [(item.name, item.kind, item.default) for item in one] == [
                    (item.name, item.kind, item.default) for item in other
                ]
            assert all(inspect.getdoc(twin) for twin in twins)
        else:
            public = [{item for item in dir(twin) if not item.startswith("_")} for twin in twins]
            assert public[0] == {item.replace("close", "aclose") for item in public[1]} or public[0] == public[1], name


def test_a_name_that_does_not_exist_is_an_attribute_error_on_both_packages() -> None:
    for package in (lago_async, lago_sync):
        with pytest.raises(AttributeError, match="LagoCleint"):
            _ = package.LagoCleint


def test_operations_are_documented_by_their_name_in_the_api() -> None:
    for resource in ASYNC.values():
        for name, function in methods(resource).items():
            assert re.search(r"API operation: \w+\.", inspect.getdoc(function) or ""), name
