"""The index of the models: the module of each name, so that a module loads when one of its names is first used."""

from __future__ import annotations

from pathlib import Path

from tools.generate import input_dicts
from tools.generate.sources import ASYNC, header, names_in_all


def homes() -> dict[str, str]:
    """Return the names of all models, each with the module that has it.

    Raises:
        SystemExit: Two modules have the same name.
    """
    found: dict[str, str] = {}
    for path in modules():
        for name in input_dicts.names() if path == input_dicts.TARGET else names_in_all(path):
            if found.setdefault(name, path.stem) != path.stem:
                raise SystemExit(f"two models are named {name}: in {found[name]} and in {path.stem}")
    return found


def modules() -> list[Path]:
    """Return the modules of the models, and that of the typed dictionaries."""
    return sorted([*input_dicts.sources(), input_dicts.TARGET])


def render() -> dict[Path, str]:
    """Return ``lago_async/models/__init__.py`` and its text."""
    index = homes()
    out = [
        header("the modules of lago_async/models"),
        '"""Every model of the API; the models of a resource group load when one of them is first used."""',
        "",
        "from __future__ import annotations",
        "",
        "from importlib import import_module",
        "from typing import TYPE_CHECKING",
        "",
        "if TYPE_CHECKING:",
        *(f"    from lago_async.models.{path.stem} import *" for path in modules()),
        "",
        "_HOMES = {",
        *(f'    "{name}": "{index[name]}",' for name in sorted(index)),
        "}",
        "",
        "if not TYPE_CHECKING:",
        "    __all__ = list(_HOMES)",
        "",
        "",
        "def __getattr__(name: str) -> object:",
        "    try:",
        "        home = _HOMES[name]",
        "    except KeyError:",
        '        raise AttributeError(f"module {__name__!r} has no attribute {name!r}") from None',
        '    return globals().setdefault(name, getattr(import_module(f"{__name__}.{home}"), name))',
        "",
        "",
        "def __dir__() -> list[str]:",
        "    return sorted(_HOMES)",
    ]
    return {ASYNC / "models" / "__init__.py": "\n".join(out) + "\n"}
