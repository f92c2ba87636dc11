"""Which files a report reads, and in which format each one is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from lago_async.usage._errors import ReportError
from lago_async.usage._formats.base import FormatName
from lago_async.usage._formats.choice import FORMATS
from lago_async.usage._paths import files_of, is_partitioned

# A folder may hold one export in several formats. The one that is fastest to read comes first.
_BY_SUFFIX: Final[dict[str, FormatName]] = {
    suffix: name
    for name, file_format in reversed(FORMATS.items())
    if file_format.readable
    for suffix in file_format.suffixes
}


def export_files(sources: Sequence[Path]) -> list[Path]:
    """Return the exports to read: those given, and all files of exports in a given folder.

    An export that a folder holds in several formats is read once. An export in partitions is a folder itself.

    Raises:
        ReportError: There are no exports, or a file is not an export, or is given twice.
    """
    files: list[Path] = []
    for source in sources:
        if is_partitioned(source):
            for file in files_of(source):
                _check_readable(file)
            files.append(source)
        elif source.is_dir():
            found: dict[str, Path] = {}
            for suffix in _BY_SUFFIX:
                for file in sorted(source.glob(f"*{suffix}")):
                    # A list of failures ends in .ndjson too; the other companions of an export have other suffixes.
                    failures = f".{file.stem}".endswith(".failures")
                    if file.is_file() and not failures and not file.name.startswith("."):
                        found.setdefault(file.stem, file)
            if not found:
                raise ReportError(f"{source}: no export in this folder; expected files that end in {_endings()}")
            files += [found[stem] for stem in sorted(found)]
        elif not source.exists():
            raise ReportError(
                f"{source}: no such file; create it with `python -m lago_async usage export --out {source}`"
            )
        else:
            _check_readable(source)
            files.append(source)
    if not files:
        raise ReportError("no export was given; name one or several files, or a folder of them")
    seen: set[Path] = set()
    for file in files:
        if (real := file.resolve()) in seen:
            raise ReportError(f"{file} was given twice; name it once")
        seen.add(real)
    return files


def _check_readable(file: Path) -> None:
    suffix = file.suffix.lower()
    if suffix in _BY_SUFFIX:
        return
    if suffix in export_suffixes():
        raise ReportError(f"{file}: a report cannot read {suffix[1:]}; export to Parquet, too, and read that")
    raise ReportError(f"{file}: not an export; the name of an export ends in {_endings()}")


def export_suffixes() -> frozenset[str]:
    """Return the suffixes of exports, also of those that no report reads."""
    return frozenset(suffix for file_format in FORMATS.values() for suffix in file_format.suffixes)


def _endings() -> str:
    return ", ".join(_BY_SUFFIX)


def format_of(file: Path) -> FormatName:
    """Return the format that the suffix of an export says."""
    return _BY_SUFFIX[file.suffix.lower()]
