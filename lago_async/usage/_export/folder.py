"""The folder of an export in partitions: made next to its place, listed with digests, and moved there whole."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Sequence
from io import BytesIO
from pathlib import Path

from lago_async.usage._errors import ExportConflictError
from lago_async.usage._export.disk import Disk
from lago_async.usage._export.marks import FileMark, mark_of, mark_of_all
from lago_async.usage._formats.base import Format
from lago_async.usage._formats.partition import Partitioned
from lago_async.usage._paths import LISTING, ExportPaths, is_partitioned, listed_in

_is_half_made = re.compile(rf"\w+=[^/]+(?:/part-0\.[\w.]+)?|{re.escape(LISTING)}(?:\.part)?").fullmatch


class PublishedFolder:
    """The folder that an export publishes. Only files that exports have made are ever removed."""

    def __init__(self, paths: ExportPaths, disk: Disk) -> None:
        self._paths = paths
        self._disk = disk

    def check_replaceable(self) -> None:
        """Check that the folders which are there, if any, have nothing but what an export has made.

        Raises:
            ExportConflictError: One has something else.
        """
        out = self._paths.out
        if out.is_symlink() or (out.exists() and not out.is_dir()):
            raise ExportConflictError(
                f"{out} is not a folder", remedy="move it away, or write to another place; partition= writes a folder"
            )
        for folder in (out, self._paths.old):
            if folder.exists():
                _check_own(folder)
        if self._paths.new.exists():
            _check_half_made(self._paths.new)

    def recover(self) -> None:
        """Put back the folder that a run had moved aside when it was stopped, before the new one was in its place."""
        paths = self._paths
        if is_partitioned(paths.old) and not paths.out.exists():
            _check_own(paths.old)
            self._disk.move(paths.old, paths.out)

    def tidy(self) -> None:
        """Remove the folders that a stopped run has left."""
        self._remove_new()
        self._remove_old()

    def publish(self, form: Partitioned, spools: Sequence[Path], announce: Callable[[FileMark], None]) -> None:
        """Make the folder of all rows, and move it to its place.

        Args:
            form: The format.
            spools: The files of the rows.
            announce: Called with the mark of the folder when it is whole, and has not got its name yet.
        """
        disk, paths = self._disk, self._paths
        self.tidy()
        disk.make_folder(paths.new)
        names: dict[str, None] = {}
        for month, rows in form.split(spools):
            name = form.file_of(month)
            spool = _spool_of(paths.new / name, form.inner)
            pieces = form.inner.pieces(rows)
            if name in names:
                self._append(spool, pieces)
            else:
                names[name] = None
                disk.make_folder(spool.parent)
                self._append(spool, [form.inner.begin(), *pieces])
        marks: dict[str, FileMark] = {}
        for name in sorted(names):
            self._finish(paths.new / name, form.inner)
            marks[name] = mark_of(paths.new / name)
        lines = "".join(f"{mark.sha256}  {name}\n" for name, mark in marks.items()).encode()
        listing = paths.new / LISTING
        disk.make(listing, listing.with_name(f"{LISTING}.part"), lambda file: file.copy(BytesIO(lines)))
        marks[LISTING] = mark_of(listing)
        self.check_replaceable()
        announce(mark_of_all(marks))
        if paths.out.exists():
            disk.move(paths.out, paths.old)
        disk.move(paths.new, paths.out)
        self._remove_old()

    def _append(self, path: Path, pieces: Iterable[bytes]) -> None:
        with self._disk.open(path) as file:
            file.seek(0, os.SEEK_END)
            for piece in pieces:
                self._disk.write(file, piece)

    def _finish(self, path: Path, form: Format) -> None:
        """Make the file of a month durable, under its name."""
        disk, spool = self._disk, _spool_of(path, form)
        if form.as_spooled:
            with disk.open(path) as file:
                file.seek(0, os.SEEK_END)
                disk.sync(file)
            disk.sync_folder(path.parent)
        else:
            disk.make(path, path.with_name(f"{path.name}.part"), lambda file: form.assemble([spool], file))
            disk.remove(spool)

    def _remove_new(self) -> None:
        if self._paths.new.exists():
            _check_half_made(self._paths.new)
            self._remove(self._paths.new)

    def _remove_old(self) -> None:
        if self._paths.old.exists():
            _check_own(self._paths.old)
            self._remove(self._paths.old)

    def _remove(self, folder: Path) -> None:
        for base, _, files in os.walk(folder, topdown=False):  # so that the listing comes last
            for name in files:
                self._disk.remove(Path(base, name))
            self._disk.remove_folder(Path(base))


def _spool_of(path: Path, form: Format) -> Path:
    return path if form.as_spooled else path.with_name(f"{path.name}.spool")


def _check_own(folder: Path) -> None:
    listed = listed_in(folder)
    known = frozenset([LISTING, *listed, *(name.rpartition("/")[0] for name in listed)])
    _check(folder, known.__contains__)


def _check_half_made(folder: Path) -> None:
    _check(folder, lambda name: _is_half_made(name) is not None)


def _check(folder: Path, is_known: Callable[[str], bool]) -> None:
    """Check that all files and folders in a folder are known.

    Raises:
        ExportConflictError: One is not: no export has made it.
    """
    for base, folders, files in os.walk(folder):
        for path in (Path(base, name) for name in (*folders, *files)):
            name = path.relative_to(folder).as_posix()
            if not is_known(name) or (path.is_symlink() and path.is_dir()):
                raise ExportConflictError(
                    f"{folder} has {name}, which no export has made",
                    remedy="move the folder away, or write to another folder",
                )
