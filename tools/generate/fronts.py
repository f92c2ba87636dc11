"""The fronts of both packages: ``__all__``, the imports that type checkers see, and where each name loads from.

The public names of a package are those in the ``__all__`` of the modules that are listed here, and its public
submodules. A private module may define a public name; users import it from the package.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import attrs

from tools.generate import models
from tools.generate.sources import ASYNC, ROOT, SYNC, from_import, header, in_order, names_in_all

_SHARED: Final = (
    "lago_async.errors",
    "lago_async.settings",
    "lago_async._codec.serialization",
    "lago_async._ingest.acceptance",
    "lago_async._ingest.counters",
    "lago_async._ingest.outcomes",
    "lago_async._ingest.settings",
    "lago_async._net.hooks",
    "lago_async._net.limits",
    "lago_async._registry",
    "lago_async._table.door",
    "lago_async._table.endpoint",
    "lago_async._table.gates",
    "lago_async._table.http_info",
    "lago_async._table.messages",
    "lago_async._table.pages",
    "lago_async._table.query",
    "lago_async._telemetry.opentelemetry",
)
"""The modules whose names are the same for both faces."""


_MODELS: Final = "lago_async.models"


@attrs.frozen(kw_only=True)
class _Front:
    """The front of one package.

    Attributes:
        folder: The package.
        docstring: The docstring of its ``__init__.py``.
        modules: The modules of its own whose ``__all__`` it re-exports.
        submodules: The public modules that are reached as attributes.
    """

    folder: Path
    docstring: str
    modules: Sequence[str]
    submodules: Sequence[str]

    def homes(self) -> Mapping[str, str]:
        """Return the public names, each with the module that has it.

        Raises:
            SystemExit: Two modules have the same name.
        """
        found = dict.fromkeys(models.homes(), _MODELS)
        for module in (*self.modules, *_SHARED):
            for name in names_in_all(ROOT / f"{module.replace('.', '/')}.py"):
                if found.setdefault(name, module) != module:
                    raise SystemExit(f"two public names are {name}: in {found[name]} and in {module}")
        return found

    def render(self) -> str:
        """Return the text of ``__init__.py``."""
        homes = self.homes()
        by_module: dict[str, list[str]] = {}
        for name, module in homes.items():
            if module != _MODELS:
                by_module.setdefault(module, []).append(name)
        package = self.folder.name
        return "\n".join([
            header("the modules' __all__"),
            f'"""{self.docstring}"""',
            "",
            "from __future__ import annotations",
            "",
            "from importlib import import_module",
            "from typing import TYPE_CHECKING",
            "",
            "from lago_async.version import __version__",
            "",
            "if TYPE_CHECKING:",
            *(f"    from {package} import {name} as {name}" for name in sorted(self.submodules)),
            *(line for module in sorted(by_module) for line in from_import(module, by_module[module], "    ")),
            f"    from {_MODELS} import *",
            "",
            "__all__ = [",
            *(f'    "{name}",' for name in in_order(["__version__", *homes, *self.submodules])),
            "]",
            "",
            "_SUBMODULES = {" + ", ".join(f'"{name}"' for name in sorted(self.submodules)) + "}",
            "",
            "_HOMES = {",
            *(f'    "{name}": "{homes[name]}",' for name in sorted(homes) if homes[name] != _MODELS),
            "}",
            "",
            "",
            "def __getattr__(name: str) -> object:",
            "    if name in _SUBMODULES:",
            '        return import_module(f"{__name__}.{name}")',
            "    if name not in __all__:",
            '        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")',
            f'    home = import_module(_HOMES.get(name, "{_MODELS}"))',
            "    return globals().setdefault(name, getattr(home, name))",
            "",
            "",
            "def __dir__() -> list[str]:",
            "    return sorted(__all__)",
            "",
        ])  # fmt: skip


_ASYNC: Final = _Front(
    folder=ASYNC,
    docstring="""An async-first client for the Lago billing API; ``lago_sync`` is its blocking version.

``async with LagoClient() as client: customer = await client.customers.find("cus_1")``. Names load on first
use, so that importing the package is fast.
""",
    modules=("lago_async.client", "lago_async.pager", "lago_async._ingest.sink", "lago_async._ingest.results"),
    submodules=("bulk", "exports", "sandbox", "usage", "webhooks"),
)

_SYNC: Final = _Front(
    folder=SYNC,
    docstring="""A blocking client for the Lago billing API: ``lago_async`` without the ``await``, and the same names.

``with LagoClient() as client: customer = client.customers.find("cus_1")``. It runs on one event loop on one
background thread, and any number of threads may share it.
""",
    modules=("lago_sync.client", "lago_sync.pager", "lago_sync._event_sink", "lago_sync._ingest_results"),
    submodules=("bulk", "exports", "usage", "webhooks"),
)


def render() -> dict[Path, str]:
    """Return both ``__init__.py`` and their texts."""
    return {front.folder / "__init__.py": front.render() for front in (_ASYNC, _SYNC)}
