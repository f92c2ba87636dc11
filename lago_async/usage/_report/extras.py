"""What a report needs and a plain installation does not have."""

from __future__ import annotations

import importlib
from types import ModuleType

from lago_async.usage._errors import ReportError


def require(name: str) -> ModuleType:
    """A module of the extra `report`, imported when it is first needed."""
    try:
        return importlib.import_module(name)
    except ImportError as error:
        package = name.partition(".")[0]
        raise ReportError(
            f"a report needs {package}, which is not installed: pip install 'lago-async[report]'"
        ) from error
