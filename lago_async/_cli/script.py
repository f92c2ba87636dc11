"""The entry of the console script. It is installed with the package, so it must work without the extra `cli`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.util import find_spec
from typing import Final

from lago_async._streams import open_closed_descriptors, say_error

EXTRA_MISSING: Final = 15
"""`ExitCode.EXTRA_MISSING`, which is written here again because this module loads nothing of the client."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command, and return its exit code."""
    open_closed_descriptors()
    if find_spec("click") is None:
        say_error("lago needs the extra cli: pip install 'lago-async[cli]' (python -m lago_async works without it)\n")
        return EXTRA_MISSING
    from lago_async._cli.application import run

    return run(list(sys.argv[1:] if argv is None else argv))
