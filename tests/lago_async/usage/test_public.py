"""The names that the public packages export, and the modules that importing them loads."""

import inspect
import re
import subprocess
import sys

import pytest

import lago_async.usage
import lago_sync.usage
from lago_async import LagoError
from lago_async.usage import ExportConflictError, ExportError, ReportError, UsageError


def test_importing_the_package_loads_neither_pyarrow_nor_rich_nor_what_fetches() -> None:
    for package in ("lago_async.usage", "lago_sync.usage"):
        code = f"import sys, {package}; print(*sys.modules)"
        loaded = set(subprocess.check_output([sys.executable, "-c", code], text=True, timeout=60).split())
        assert not loaded & {"pyarrow", "plotly", "rich", "aiohttp", "anyio", "lago_async.bulk", "lago_sync.bulk"}


@pytest.mark.parametrize("package", [lago_async.usage, lago_sync.usage], ids=["async", "sync"])
def test_every_name_of_ours_in_a_public_signature_is_public(package: object) -> None:
    exported = set(package.__all__)  # type: ignore[attr-defined]
    elsewhere = {"LagoClient", "Client"}  # public, in the face's own package; and in Dask
    for name in exported:
        value = getattr(package, name)
        if inspect.isfunction(value):
            text = str(inspect.signature(value))
            ours = set(re.findall(r"\b[A-Z][A-Za-z]+[a-z][A-Za-z]*\b", text))
            ours -= {"None", "True", "False", "Collection", "Sequence", "Iterable", "AsyncIterable", "PathLike", "Path"}
            assert ours <= exported | elsewhere, (name, ours - exported)


def test_both_faces_export_the_same_names() -> None:
    assert lago_async.usage.__all__ == lago_sync.usage.__all__
    for name in lago_async.usage.__all__:
        assert name == "export" or getattr(lago_async.usage, name) is getattr(lago_sync.usage, name)


def test_the_errors_of_usage_have_one_base_in_the_tree() -> None:
    assert issubclass(UsageError, LagoError)
    assert all(issubclass(error, UsageError) for error in (ExportError, ExportConflictError, ReportError))
    assert not issubclass(ReportError, ExportError)
