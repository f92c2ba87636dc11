"""The files of one export, which its export and its reports must not confuse with others."""

from __future__ import annotations

from pathlib import Path

import attrs


@attrs.frozen
class ExportPaths:
    """The files of one export: the export itself, and its companions.

    Attributes:
        out: The file that is published.
        journal: What is in the file. It stays.
        failures: What is missing, and why. It exists only if something is missing.
        spool: The rows that will be published.
        pages: Rows of subscriptions whose last page has not arrived.
        part: A file while it is made.
    """

    out: Path

    @property
    def journal(self) -> Path:
        return self.out.with_name(f"{self.out.name}.journal")

    @property
    def failures(self) -> Path:
        return self.out.with_name(f"{self.out.name}.failures.ndjson")

    @property
    def spool(self) -> Path:
        return self.out.with_name(f"{self.out.name}.spool")

    @property
    def pages(self) -> Path:
        return self.out.with_name(f"{self.out.name}.pages")

    @property
    def part(self) -> Path:
        return self.out.with_name(f"{self.out.name}.part")

    @property
    def companions(self) -> tuple[Path, ...]:
        """All files next to the export."""
        return self.journal, self.failures, self.spool, self.pages, self.part


def same_file(one: Path, other: Path) -> bool:
    """Return whether two paths are one file, whatever links lead to it, and whether it exists or not."""
    try:
        return one.samefile(other)
    except OSError:
        return one.resolve() == other.resolve()
