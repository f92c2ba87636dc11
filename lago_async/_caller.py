"""Warnings that point at the user's line, at whatever depth in this library they are raised."""

from __future__ import annotations

import inspect
import warnings

_OWN_PACKAGES = ("lago_async", "lago_sync")


def warn_caller(message: str, category: type[Warning]) -> None:
    """Issue a warning that points at the nearest line outside this library."""
    frame, level = inspect.currentframe(), 1
    while frame is not None and frame.f_globals.get("__name__", "").partition(".")[0] in _OWN_PACKAGES:
        frame, level = frame.f_back, level + 1
    warnings.warn(message, category, stacklevel=level)
