"""An async-first client for the Lago billing API; its blocking twin is ``lago_sync``.

``async with LagoClient() as client: customer = await client.customers.find("cus_1")``. Names load when they are first
asked for, so that importing the package costs next to nothing; where each lives is what the modules' ``__all__`` say.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from lago_async.version import __version__ as __version__

if TYPE_CHECKING:
    from lago_async.client import *
    from lago_async.endpoint import *
    from lago_async.errors import *
    from lago_async.models import *
    from lago_async.pager import *
    from lago_async.rate_budget import *
    from lago_async.retry import *
    from lago_async.settings import *

# In the order in which a name is looked for: the cheap ones, and those most asked for, first.
_MODULES = ("client", "errors", "pager", "settings", "retry", "rate_budget", "endpoint", "models")


def __getattr__(name: str) -> object:
    if name[:1].isupper():  # anything else would be a submodule
        for module in _MODULES:
            home = import_module(f"{__name__}.{module}")
            if name in home.__all__:
                return globals().setdefault(name, getattr(home, name))
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({"__version__"}.union(*(import_module(f"{__name__}.{module}").__all__ for module in _MODULES)))
