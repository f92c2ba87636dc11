"""The files of one export, which its export and its reports must not confuse with others."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import attrs

LISTING: Final = "_lago_export.sha256"
"""The file in the folder of an export in partitions that lists the others, each with its digest, for ``sha256sum -c``.

Data tools skip a file whose name begins with an underscore.
"""


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
        new: The folder of an export in partitions, while it is made.
        old: The folder that it replaces, until it is in its place.

    Args:
        out: The file or folder that is published.
        is_folder: Whether it is a folder.
    """

    out: Path
    is_folder: bool = False

    @property
    def journal(self) -> Path:
        return self._beside(".journal")

    @property
    def failures(self) -> Path:
        return self._beside(".failures.ndjson")

    @property
    def spool(self) -> Path:
        return self._beside(".spool")

    @property
    def pages(self) -> Path:
        return self._beside(".pages")

    @property
    def part(self) -> Path:
        return self._beside(".part")

    @property
    def new(self) -> Path:
        return self._beside(".new-part")

    @property
    def old(self) -> Path:
        return self._beside(".old-part")

    @property
    def companions(self) -> tuple[Path, ...]:
        """All files next to the export."""
        files = self.journal, self.failures, self.spool, self.pages, self.part
        return (*files, self.new, self.old) if self.is_folder else files

    def _beside(self, ending: str) -> Path:
        return self.out.with_name(self.out.name + ending)


def is_partitioned(path: Path) -> bool:
    """Return whether a path is the folder of an export in partitions."""
    return (path / LISTING).is_file()


def listed_in(folder: Path) -> list[str]:
    """Return the files of an export in partitions, as paths in its folder."""
    if not is_partitioned(folder):
        return []
    lines = (folder / LISTING).read_text("utf-8", "replace").splitlines()
    return [name for _, separator, name in (line.partition("  ") for line in lines) if separator]


def files_of(export: Path) -> list[Path]:
    """Return the files with the rows of an export: the export itself, or the files in its folder."""
    return [export / name for name in listed_in(export)] if export.is_dir() else [export]


def partitioned_around(path: Path) -> Path | None:
    """Return the folder of an export in partitions that a path is in, if there is one."""
    return next((folder for folder in path.parents if is_partitioned(folder)), None)


def same_file(one: Path, other: Path) -> bool:
    """Return whether two paths are one file, whatever links lead to it, and whether it exists or not."""
    try:
        return one.samefile(other)
    except OSError:
        return one.resolve() == other.resolve()
