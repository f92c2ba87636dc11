"""A blocking client for the Lago billing API: ``lago_async`` without the ``await``, and the same names.

``with LagoClient() as client: customer = client.customers.find("cus_1")``. It runs on one event loop, on one background
thread, and may be shared by any number of threads.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from lago_async.version import __version__ as __version__

if TYPE_CHECKING:
    from lago_async.endpoint import *
    from lago_async.errors import *
    from lago_async.models import *
    from lago_async.rate_budget import *
    from lago_async.retry import *
    from lago_async.settings import *
    from lago_sync.client import *
    from lago_sync.pager import *

_MODULES = ("client", "pager")  # the rest is one for both faces


def __getattr__(name: str) -> object:
    if name[:1].isupper():  # anything else would be a submodule
        for module in _MODULES:
            home = import_module(f"{__name__}.{module}")
            if name in home.__all__:
                return globals().setdefault(name, getattr(home, name))
        import lago_async

        if hasattr(lago_async, name):
            return globals().setdefault(name, getattr(lago_async, name))
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    import lago_async

    return dir(lago_async)
