"""The libraries that only reports need."""

from __future__ import annotations

import importlib
from types import ModuleType

from lago_async.usage._errors import ReportError


def require(name: str) -> ModuleType:
    """Return a module of the extra ``report``, imported when it is first needed.

    Raises:
        ReportError: It is not installed.
    """
    try:
        return importlib.import_module(name)
    except ImportError as error:
        package = name.partition(".")[0]
        raise ReportError(
            f"a report needs {package}, which is not installed: pip install 'lago-async[report]'"
        ) from error


def check_extras() -> None:
    """Check that everything that a report needs is installed.

    Raises:
        ReportError: It is not installed.
    """
    for name in ("pyarrow", "plotly.offline"):
        require(name)
