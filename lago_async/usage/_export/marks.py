"""The size and the digest of a file's content, by which an export recognises what it wrote."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Protocol

import attrs

_PIECE: Final = 1024 * 1024


@attrs.frozen
class FileMark:
    """A size and a digest, which identify the content of a file.

    Attributes:
        size: Its size.
        sha256: Its SHA-256, as ``sha256sum`` prints it.
    """

    size: int
    sha256: str


class Digest(Protocol):
    """A digest that is being computed."""

    def update(self, data: bytes | bytearray, /) -> None:
        """Add bytes."""
        ...

    def hexdigest(self) -> str:
        """Return the digest of all bytes so far, as text."""
        ...


def new_digest() -> Digest:
    """Return an empty digest."""
    return hashlib.sha256(usedforsecurity=False)


def digest_of(path: Path, size: int | None = None) -> tuple[Digest, int]:
    """Return the digest of a file, or of its first bytes, and how many bytes that were."""
    digest, left, count = new_digest(), size, 0
    with path.open("rb", buffering=0) as file:
        while left is None or left > 0:
            piece = file.read(_PIECE if left is None else min(_PIECE, left))
            if not piece:
                break
            digest.update(piece)
            count += len(piece)
            if left is not None:
                left -= len(piece)
    return digest, count


def mark_of(path: Path) -> FileMark:
    """Return the mark of a file, or of all files in a folder."""
    if path.is_dir():
        found = [Path(base, name) for base, _, names in os.walk(path) for name in names]
        return mark_of_all({file.relative_to(path).as_posix(): mark_of(file) for file in found})
    digest, size = digest_of(path)
    return FileMark(size, digest.hexdigest())


def mark_of_all(marks: Mapping[str, FileMark]) -> FileMark:
    """Return the mark of a folder: the size of all files, and the digest of what ``sha256sum`` prints for them.

    Args:
        marks: The marks of the files, by their paths in the folder.
    """
    digest = new_digest()
    for name in sorted(marks):
        digest.update(f"{marks[name].sha256}  {name}\n".encode("utf-8", "surrogateescape"))
    return FileMark(sum(mark.size for mark in marks.values()), digest.hexdigest())
