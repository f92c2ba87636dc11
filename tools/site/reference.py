"""The pages of the reference: operations from the endpoint table, models from their classes, and all other names."""

from __future__ import annotations

import inspect
import shutil
from itertools import groupby
from typing import TYPE_CHECKING, Any, cast

import attrs

from lago_async._table.gates import needs
from tools.site import docstrings, examples, refusals

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lago_async._table.rows import Row


EXAMPLE = "Example; for lago_sync, delete async and await."
"""The first line of each example."""

_MOST_NAMES = 8
"""Operations that are listed for an error code."""

_COMMON = (
    "The [settings](../configuration.md) of a client are a page of their own.",
    "",
    "Each operation lists its refusals with their codes: those of its documentation, and those that a running Lago",
    "was recorded to answer. [All codes](error_codes.md) are one table. These refusals are common to all operations:",
    "",
    "| status | raises | when |",
    "|---|---|---|",
    "| 401 | `UnauthorizedError` | the key is missing, unknown or expired |",
    "| 403 | `ForbiddenError` | the key may not do this, or the server lacks a licence |",
    "| 429 | `RateLimitError` | the rate limit is spent, and the wait would exceed the timeout of the call |",
    "| 5xx | `ServerError` | the server failed, and no retry was allowed or helped |",
    "| none | `LagoConnectionError` | no response arrived; `maybe_applied` tells whether the server may have acted |",
    "",
    "The examples run in a test, on both faces, against a sandbox whose customer is `cus`, with the subscription `sub`",
    "to the plan `plan`. Ids that a server chooses are variables, such as `invoice_id`.",
    "",
)


def write(folder: Path) -> None:
    """Write all pages of the reference into a folder, which is emptied first."""
    shutil.rmtree(folder, ignore_errors=True)
    for name, text in pages().items():
        path = folder / f"{name}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def pages() -> dict[str, str]:
    """Return the pages of the reference by their names."""
    operations = dict(_operations())
    models = dict(_models())
    index = [
        "# Reference",
        "",
        "The same names are in `lago_async` and in `lago_sync`; the methods of `lago_sync` are called without `await`.",
        "",
        *_COMMON,
        _tree("Client, settings, errors", ["client", "errors", "error_codes"]),
        _tree("Operations", sorted(operations)),
        _tree("Models", sorted(models)),
    ]
    return {
        "index": "\n".join(index) + "\n",
        "client": _classes("The client and its values", _others(errors=False)),
        "errors": _classes("Errors", _others(errors=True)),
        "error_codes": "\n".join(_error_codes()) + "\n",
        **operations,
        **models,
    }


def _tree(caption: str, names: list[str]) -> str:
    return "\n".join(["```{toctree}", f":caption: {caption}", ":maxdepth: 1", "", *names, "```", ""])


# --- operations -------------------------------------------------------------------------------------------------------


def _operations() -> Iterator[tuple[str, str]]:
    from lago_async._registry import ENDPOINTS

    rows = sorted(ENDPOINTS.rows, key=lambda row: row.function.__module__)
    for module, group in groupby(rows, key=lambda row: row.function.__module__):
        resource = module.rpartition(".")[2]
        title = resource.replace("_", " ").capitalize()
        yield (
            f"operations/{resource}",
            "\n".join([f"# {title}", "", *(line for row in group for line in _operation(resource, row))]) + "\n",
        )


def _operation(resource: str, row: Row) -> Iterator[str]:
    name = f"{resource}.{row.function.__name__}"
    said = docstrings.read(row.function)
    signature = inspect.signature(row.function)
    parameters = [each for each in signature.parameters.values() if each.name != "self"]
    yield from (f"## `{name}`", "", said.text, "")
    yield from ("```python", *_signature(name, parameters, str(signature.return_annotation), row), "```", "")
    path = row.path if row.version == "v1" else f"/api/{row.version}{row.path}"
    facts = {
        "HTTP": f"`{row.method} {path}`",
        "Name in the API": f"`{row.name}`",
        "Envelope": _envelope(row),
        "Repeated after a lost response": _repeated(row),
        "Needs": needs(row.gates),
        "Sent to": "`ingest_url`, if one is set" if row.host == "ingest" else "",
    }
    yield from ("| | |", "|---|---|", *(f"| {fact} | {value} |" for fact, value in facts.items() if value), "")
    yield from _table(
        ("parameter", "type", ""),
        [(f"`{each.name}`", f"`{each.annotation}`", said.arguments.get(each.name, "")) for each in parameters],
    )
    yield from _example(row, name)
    yield from _table(
        ("refusal", "when"),
        [
            # Narrow columns: a code does not break, and some have 48 characters.
            (f"{status} `{exception}`" + "".join(f"<br>`{code}`" for code in codes), when)
            for status, exception, codes, when in refusals.grouped(row)
        ],
    )


def _envelope(row: Row) -> str:
    """Return the root of the response, and that of the request if it differs."""
    response = f"`{row.root}`" if row.root else "none"
    request = row.endpoint.request_root
    if row.endpoint.body is None or request == row.root:
        return response
    return f"{response}; of the request: " + (f"`{request}`" if request else "none")


def _example(row: Row, name: str) -> Iterator[str]:
    code = examples.example(row, name)
    yield from ("```python", f"# {EXAMPLE}", *code.splitlines(), "```", "")
    if reason := examples.refusal(row):
        yield from (f"The sandbox refuses it: {reason}.", "")


def _error_codes() -> Iterator[str]:
    yield from ("# Error codes", "", "`error.code` of a `LagoApiError`, and the operations that answer it.", "")
    for code, found in refusals.by_code().items():
        kinds = sorted({(refusal.status, refusal.exception) for _, refusal in found})
        names = sorted({(row.resource, row.function.__name__) for row, _ in found})
        shown = [f"[`{resource}.{method}`](operations/{resource}.md)" for resource, method in names[:_MOST_NAMES]]
        more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
        yield f"- `{code}`, {', '.join(f'{status} `{exception}`' for status, exception in kinds)}:"
        yield f"  {', '.join(shown)}{more}"


def _signature(name: str, parameters: list[inspect.Parameter], returns: str, row: Row) -> Iterator[str]:
    """Yield the call on both faces, with its required arguments."""
    required = [each for each in parameters if each.default is each.empty]
    arguments = ", ".join(
        f"{each.name}={each.name}" if each.kind is each.KEYWORD_ONLY else each.name for each in required
    )
    call = f"client.{name}({arguments})"
    if row.paged:
        yield from (f"async for item in {call}:  # {returns}", "    ...", "")
        yield from (f"for item in {call}:  # lago_sync", "    ...")
    else:
        yield f"await {call}  # {returns}"
        yield f"{call}  # lago_sync"


def _repeated(row: Row) -> str:
    if callable(row.idempotent):
        return "depends on the body"
    return "yes" if row.idempotent else "never"


# --- models and other names -------------------------------------------------------------------------------------------


def _models() -> Iterator[tuple[str, str]]:
    import lago_async.models

    classes = [getattr(lago_async.models, name) for name in _names_of_models()]
    by_module = sorted(
        (each for each in classes if inspect.isclass(each) and attrs.has(each)), key=lambda each: each.__module__
    )
    for module, group in groupby(by_module, key=lambda each: each.__module__):
        name = module.rpartition(".")[2]
        lines = [f"# Models of {name.replace('_', ' ')}", ""]
        for model in sorted(group, key=lambda each: each.__name__):
            lines += _model(model)
        yield f"models/{name}", "\n".join(lines) + "\n"


def _names_of_models() -> list[str]:
    import lago_async.models

    return cast("list[str]", lago_async.models.__all__)  # the package computes it


def _model(model: type[attrs.AttrsInstance]) -> Iterator[str]:
    said = docstrings.read(model)
    yield from (f"## `{model.__name__}`", "", said.text, "")
    yield from _table(
        ("field", "type", ""),
        [
            (f"`{field.name}`", f"`{_type(field.type)}`", said.arguments.get(field.name, ""))
            for field in attrs.fields(model)
        ],
    )


def _type(annotation: Any) -> str:
    text = annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)
    return text.replace("lago_async.models.", "").replace("datetime.", "")


def _others(*, errors: bool) -> list[str]:
    import lago_async

    models = _names_of_models()
    names = [name for name in lago_async.__all__ if name not in models]
    classes = [name for name in names if inspect.isclass(getattr(lago_async, name))]
    return [name for name in classes if issubclass(getattr(lago_async, name), Exception) is errors]


def _classes(title: str, names: list[str]) -> str:
    lines = [f"# {title}", ""]
    for name in names:
        lines += [f"## `{name}`", "", "```{eval-rst}", f".. autoclass:: lago_async.{name}", "   :members:", "```", ""]
    return "\n".join(lines)


def _table(headings: tuple[str, ...], rows: list[tuple[str, ...]]) -> Iterator[str]:
    if not rows:
        return
    yield "| " + " | ".join(headings) + " |"
    yield "|" + "---|" * len(headings)
    for row in rows:
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |"
    yield ""
