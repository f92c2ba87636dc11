"""The command ``python -m tools.generate [--check]``."""

from __future__ import annotations

import argparse
import difflib
import sys
from pathlib import Path

from tools.generate import fronts, functions, input_dicts, models, operations, resources, sinks, webhooks
from tools.generate.sources import COMMAND, ROOT, SYNC


def render() -> dict[Path, str]:
    """Return every generated file and its text, from the sources as they are now."""
    parts = (input_dicts, resources, functions, models, webhooks, sinks, fronts, operations)
    return {path: text for part in parts for path, text in part.render().items()}


def differences() -> list[str]:
    """Return a diff for each file that is out of date, and a line for each file without a source."""
    files = render()
    found: list[str] = []
    for path, wanted in files.items():
        name = str(path.relative_to(ROOT))
        present = path.read_text(encoding="utf-8") if path.exists() else ""
        if present != wanted:
            lines = difflib.unified_diff(
                present.splitlines(keepends=True), wanted.splitlines(keepends=True), name, f"{name} (generated)"
            )
            found.append("".join(lines))
    orphans = sorted(set((SYNC / "resources").glob("*.py")) - files.keys())
    return found + [f"{orphan.relative_to(ROOT)}: no source generates it any more, delete it\n" for orphan in orphans]


def main() -> int:
    """Write the files; with ``--check``, only show what would change."""
    parser = argparse.ArgumentParser(prog=COMMAND, description="Generate the blocking face and the indexes.")
    parser.add_argument("--check", action="store_true", help="write nothing; fail if anything would change")
    if parser.parse_args().check:
        found = differences()
        sys.stdout.write("".join(found) + (f"\nRun `{COMMAND}` (or `make generate`).\n" if found else ""))
        return 1 if found else 0
    for path, text in render().items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
