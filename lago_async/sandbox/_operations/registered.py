"""The complete registry: importing this module imports every module of the package, and each registers its handlers."""

from importlib import import_module
from pkgutil import iter_modules

from lago_async.sandbox import _operations
from lago_async.sandbox._operations.registry import HANDLERS, Handler

__all__ = ["HANDLERS", "Handler"]

for _module in iter_modules(_operations.__path__, f"{_operations.__name__}."):
    import_module(_module.name)
