"""Warnings that point at the user's line, however deep in this library they arise."""

from __future__ import annotations

import inspect
import warnings

_OWN_PACKAGES = ("lago_async", "lago_sync")


def warn_caller(message: str, category: type[Warning]) -> None:
    """Warn at the nearest line that is not in this library."""
    frame, level = inspect.currentframe(), 1
    while frame is not None and frame.f_globals.get("__name__", "").partition(".")[0] in _OWN_PACKAGES:
        frame, level = frame.f_back, level + 1
    warnings.warn(message, category, stacklevel=level)
