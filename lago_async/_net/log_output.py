"""Log lines on standard error, for programs that ask for them with ``LAGO_LOG`` and have not configured logging."""

from __future__ import annotations

import logging
import os
from typing import Final

from lago_async.errors import LagoConfigError

_LEVELS: Final = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}


def follow_environment() -> None:
    """Set the level of our logger as ``LAGO_LOG`` says, and write to standard error unless the program has a handler.

    Raises:
        LagoConfigError: The variable is not the name of a level.
    """
    name = os.environ.get("LAGO_LOG", "").strip().lower()
    if not name:
        return
    if name not in _LEVELS:
        raise LagoConfigError(f"LAGO_LOG must be one of {', '.join(_LEVELS)}")
    logger = logging.getLogger("lago_async")
    logger.setLevel(_LEVELS[name])
    if not logger.hasHandlers():
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
        logger.addHandler(handler)
