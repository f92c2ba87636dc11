"""The findings of the checks, and the exit code that they mean."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

import attrs

Level: TypeAlias = Literal["ok", "note", "warning", "failed"]

HEALTHY: Final = 0
BAD_SETTINGS: Final = 2
UNREACHABLE: Final = 3
KEY_REFUSED: Final = 4
NOT_LAGO: Final = 5
WARNED: Final = 6


@attrs.frozen(kw_only=True)
class Finding:
    """The result of one check.

    Attributes:
        check: Its name.
        level: "ok", "note" (nothing to mend), "warning" (works, but mend it) or "failed" (no call can work).
        text: What was found.
        remedy: What to do about it; empty if there is nothing to do.
        exit_code: The exit code that it means for the whole run, if no finding before it means another.
    """

    check: str
    level: Level
    text: str
    remedy: str = ""
    exit_code: int = HEALTHY


def warning(check: str, text: str, remedy: str) -> Finding:
    """Return a finding of something that works and is to be mended."""
    return Finding(check=check, level="warning", text=text, remedy=remedy, exit_code=WARNED)


def failure(check: str, text: str, remedy: str, exit_code: int) -> Finding:
    """Return a finding that ends the run."""
    return Finding(check=check, level="failed", text=text, remedy=remedy, exit_code=exit_code)


def exit_code_of(findings: list[Finding]) -> int:
    """Return the exit code of a run: that of its failure, or else that of its warnings."""
    failed = [finding.exit_code for finding in findings if finding.level == "failed"]
    return next(iter([*failed, *(finding.exit_code for finding in findings if finding.exit_code)]), HEALTHY)
