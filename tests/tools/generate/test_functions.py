"""The blocking face of public functions says the same as the async source, without asyncio."""

import ast
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tools.generate import functions
from tools.generate.functions import Module

SOURCE = '''"""Export things.

async with client, ``await export(client)``; see ``lago_async``.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterable, Awaitable, Callable, Iterable
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from lago_async._things import THINGS, export_all
from lago_async.errors import LagoError

if TYPE_CHECKING:
    from lago_async.client import LagoClient
    from lago_async.pager import AsyncPager

__all__ = ["export"]

_T = TypeVar("_T")
_P = ParamSpec("_P")


async def export(
    client: LagoClient, out: os.PathLike[str], things: Iterable[str] | AsyncIterable[str] = THINGS
) -> list[str]:
    """Export things.

    Args:
        client: The client. An async generator is closed. It stays open.
        things: The things, read on the event loop.
    """
    async with client as opened:
        return await export_all(opened, out, things)
'''


@pytest.fixture
def generated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Renders a source."""
    monkeypatch.setattr(functions, "ROOT", tmp_path)

    def render(source: str = SOURCE, front: str | None = None, **options: Any) -> str:
        folder = tmp_path / "lago_async" / "things"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "export.py").write_text(source)
        (folder / "__init__.py").write_text(front or source)
        return Module(
            source=folder / "export.py",
            front=folder / ("__init__.py" if front else "export.py"),
            target=tmp_path / "lago_sync" / "things.py",
            counterparts={"lago_async._things": "lago_sync._things", "lago_async.client": "lago_sync.client"},
            **{"phrases": {"on the event loop": "on the caller's thread"}, **options},
        ).render()

    return render


def test_code_and_docstrings_lose_what_is_of_asyncio(generated: Callable[..., str]) -> None:
    assert (
        generated(note="Threads may share it.")
        == '''\
# GENERATED from lago_async/things/export.py by `python -m tools.generate`. Do not edit.
"""Export things.

with client, ``export(client)``; see ``lago_sync``.

Threads may share it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from lago_sync._things import THINGS, export_all

if TYPE_CHECKING:
    from lago_sync.client import LagoClient

__all__ = [
    "export",
]

_T = TypeVar("_T")
_P = ParamSpec("_P")


def export(
    client: LagoClient, out: os.PathLike[str], things: Iterable[str] = THINGS
) -> list[str]:
    """Export things.

    Args:
        client: The client. It stays open.
        things: The things, read on the caller's thread.
    """
    with client as opened:
        return export_all(opened, out, things)
'''
    )


def test_the_front_gives_the_docstring_and_the_names(generated: Callable[..., str]) -> None:
    front = '"""Things, exported."""\n\n__all__ = ["THINGS", "Thing", "export"]\n'
    rendered = generated(front=front)
    assert ast.get_docstring(ast.parse(rendered)) == "Things, exported."
    assert "from lago_async.things import Thing\n" in rendered
    assert '__all__ = [\n    "THINGS",\n    "Thing",\n    "export",\n]' in rendered


def test_a_function_that_takes_an_operation_has_an_overload_for_lists(generated: Callable[..., str]) -> None:
    a = SOURCE.index("async def")
    rendered = generated(
        SOURCE[:a]
        + '''def call(operation: Callable[_P, Awaitable[_T]], /, *args: _P.args, **kwargs: _P.kwargs) -> Call[_T]:
    """Call an operation, read on the event loop."""
    return export_all(operation, args, kwargs)
'''
    )
    assert rendered.endswith(
        '''

@overload
def call(operation: Callable[_P, Pager[_T]], /, *args: _P.args, **kwargs: _P.kwargs) -> Call[Page[_T]]: ...


@overload
def call(operation: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs) -> Call[_T]: ...


def call(operation: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Call[Any]:
    """Call an operation, read on the caller's thread."""
    return export_all(operation, args, kwargs)
'''
    )
    assert "from lago_sync.pager import Pager\n" in rendered
    assert "from lago_async._table.pages import Page\n" in rendered
    assert "Awaitable" not in rendered


@pytest.mark.parametrize(
    ("change", "options", "message"),
    [
        (("read on", "awaited on"), {}, r"would say 'awaited' in"),
        (("THINGS\n", "asyncio.sleep\n"), {}, r"would say 'asyncio' in"),
        (
            ("", ""),
            {"phrases": {"on the event loop": "here", "on every loop": "there"}},
            "no docstring says 'on every loop'",
        ),
        (('    """Export things.', '    f"""Export things.'), {}, "export needs a docstring"),
        (("async def export", "@cache\nasync def export"), {}, "no decorators"),
    ],
)
def test_what_cannot_be_translated_is_refused(
    generated: Callable[..., str], change: tuple[str, str], options: dict[str, Any], message: str
) -> None:
    with pytest.raises(SystemExit, match=message):
        generated(SOURCE.replace(*change) if change[0] else SOURCE, **options)


def test_every_generated_module_is_rendered() -> None:
    assert set(functions.render()) == {module.target for module in functions.MODULES}
