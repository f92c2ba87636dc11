"""The command lines speak of their options: no error that they can print names an argument of Python."""

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import lago_async
from lago_async import LagoClient
from lago_async.exports import export_list
from lago_async.usage import export, merge, write_report
from lago_async.usage._wording import as_options

ROOT = Path(lago_async.__file__).parent

# The modules whose errors these commands can print, besides the server's.
MODULES = [
    *ROOT.glob("usage/*.py"), *ROOT.glob("usage/_export/*.py"), *ROOT.glob("usage/_formats/*.py"),
    *ROOT.glob("usage/_report/*.py"), *ROOT.glob("exports/*.py"), ROOT / "_bulk/queries.py", ROOT / "_net/options.py",
    ROOT / "_net/configuration.py", ROOT / "_net/addresses.py", ROOT / "_net/urls.py",
]  # fmt: skip

# No option of a command sets these, so that an error about them comes from a program's own call.
OF_PROGRAMS = {
    "ingest_url", "api_version", "max_retries", "timeout", "headers", "max_connections", "trust_env", "proxy", "uvloop",
    "on_request", "on_response", "on_retry", "on_progress", "max_response_size", "http_proxy", "verify",
    "ssl_context",
}  # fmt: skip

PARAMETERS = {
    name
    for function in (export, merge, write_report, export_list, LagoClient.__init__)
    for name in inspect.signature(function).parameters
} - OF_PROGRAMS


def texts(node: ast.AST) -> Iterator[str]:
    """Yield the texts in an expression; the values of an f-string are dots."""
    for part in ast.walk(node):
        if isinstance(part, ast.JoinedStr):
            yield "".join(item.value if isinstance(item, ast.Constant) else "..." for item in part.values)  # type: ignore[misc]
        elif isinstance(part, ast.Constant) and isinstance(part.value, str):
            yield part.value


def errors() -> Iterator[tuple[str, str]]:
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            calls = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id.endswith("Error")
            if isinstance(node, ast.Raise) or calls:
                for text in texts(node):
                    yield path.name, text


def test_no_error_of_a_command_names_an_argument_of_python() -> None:
    found = list(errors())
    assert len(found) > 100
    named = re.compile(rf"\b(?:{'|'.join(sorted(PARAMETERS))})=|\b(?:{'|'.join(n for n in PARAMETERS if '_' in n)})\b")
    wrong = {(name, text) for name, text in found if named.search(said := as_options(text)) and said not in OF_CODE}
    assert wrong == set()


# Errors about values that only a program can pass.
OF_CODE = {"api_key must be text (str), not a value of type ...", "api_key must be text (str), not a value of type "}


def test_values_and_paths_that_look_like_arguments_stay_as_they_are() -> None:
    for text in ("'raw_text'", "/tmp/raw_text", "raw_text.csv", "per_page=x", "my_per_page", "a=raw_text"):
        assert as_options(text) == text
    assert as_options("pass format=") == "pass --format"
    assert as_options("start again with overwrite=True") == "start again with --overwrite"
