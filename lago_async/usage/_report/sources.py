"""Which files a report reads, and in which format each one is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from lago_async.usage._errors import ReportError
from lago_async.usage._formats.base import FormatName
from lago_async.usage._formats.choice import FORMATS

# A folder may hold one export in several formats. The one that is fastest to read comes first.
_BY_SUFFIX: Final[dict[str, FormatName]] = {
    suffix: name for name, file_format in reversed(FORMATS.items()) for suffix in file_format.suffixes
}


def export_files(sources: Sequence[Path]) -> list[Path]:
    """The files to read: those given, and in a folder all exports, once where one is there in several formats."""
    files: list[Path] = []
    for source in sources:
        if source.is_dir():
            found: dict[str, Path] = {}
            for suffix in _BY_SUFFIX:
                for file in sorted(source.glob(f"*{suffix}")):
                    # An export lists its failures in such a file; all else that it keeps ends in something else.
                    failures = f".{file.stem}".endswith(".failures")
                    if file.is_file() and not failures and not file.name.startswith("."):
                        found.setdefault(file.stem, file)
            if not found:
                raise ReportError(f"{source}: no export in this folder; expected files that end in {_endings()}")
            files += [found[stem] for stem in sorted(found)]
        elif not source.exists():
            raise ReportError(
                f"{source}: no such file; make it with `python -m lago_async usage export --out {source}`"
            )
        elif source.suffix.lower() not in _BY_SUFFIX:
            raise ReportError(f"{source}: not an export; the name of an export ends in {_endings()}")
        else:
            files.append(source)
    if not files:
        raise ReportError("no export was given; name one or several files, or a folder of them")
    seen: set[Path] = set()
    for file in files:
        if (real := file.resolve()) in seen:
            raise ReportError(f"{file} was given twice; name it once")
        seen.add(real)
    return files


def _endings() -> str:
    return ", ".join(_BY_SUFFIX)


def format_of(file: Path) -> FormatName:
    """Return the format that the suffix of an export says."""
    return _BY_SUFFIX[file.suffix.lower()]
