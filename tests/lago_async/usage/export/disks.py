"""Disks that do not wait, that die at a chosen step, and that are full."""

import errno
from collections.abc import Callable
from io import FileIO
from pathlib import Path

from lago_async.usage._export.disk import Disk


class Crash(BaseException):
    """The process has died."""


class Quick(Disk):
    """A disk without syncs: these tests lose data only on purpose."""

    def sync(self, file: FileIO) -> None:
        pass

    def sync_folder(self, folder: Path) -> None:
        pass


class Crashing(Quick):
    """A disk at which the process dies in the middle of one step.

    Args:
        step: The number of the step; ``steps`` counts them.
        half: Whether half of the step is done, if it can be; otherwise it is not begun.
        power: Whether unsynced data is lost with it.
    """

    def __init__(self, step: int | None = None, *, half: bool = False, power: bool = False) -> None:
        self.step, self.half, self.power = step, half, power
        self.steps: list[str] = []
        self.synced: dict[Path, int] = {}
        self.files: dict[int, Path] = {}

    def _at(self, name: str, by_half: Callable[[], object] = lambda: None) -> None:
        self.steps.append(name)
        if len(self.steps) == self.step:
            if self.half:
                by_half()
            if self.power:
                for path, size in self.synced.items():
                    if path.exists() and path.stat().st_size > size:
                        with path.open("r+b") as file:
                            file.truncate(size)
            raise Crash

    def open(self, path: Path) -> FileIO:
        self._at(f"open {path.suffix}")
        file = super().open(path)
        self.files[file.fileno()] = path
        self.synced[path] = path.stat().st_size
        return file

    def write(self, file: FileIO, data: bytes | bytearray | memoryview) -> None:
        data = memoryview(data)
        self._at(f"write {self._suffix(file)}", lambda: Disk.write(self, file, data[: data.nbytes // 2]))
        super().write(file, data)

    def sync(self, file: FileIO) -> None:
        self._at(f"sync {self._suffix(file)}")
        self.synced[self.files[file.fileno()]] = file.tell()

    def truncate(self, file: FileIO, size: int) -> None:
        self._at(f"truncate {self._suffix(file)}")
        super().truncate(file, size)
        path = self.files[file.fileno()]
        self.synced[path] = min(self.synced[path], size)

    def replace(self, source: Path, target: Path) -> None:
        def move() -> None:
            source.replace(target)
            self.synced[target] = self.synced.pop(source)

        self._at(f"replace {source.suffix}", move)
        move()

    def move(self, source: Path, target: Path) -> None:
        def rename() -> None:
            source.rename(target)
            moved = {path: size for path, size in self.synced.items() if path.is_relative_to(source)}
            for path, size in moved.items():
                del self.synced[path]
                self.synced[target / path.relative_to(source)] = size

        self._at(f"move {source.suffix}", rename)
        rename()

    def make_folder(self, path: Path) -> None:
        self._at(f"make folder {path.suffix}")
        super().make_folder(path)

    def remove_folder(self, path: Path) -> None:
        self._at(f"remove folder {path.suffix}")
        super().remove_folder(path)

    def remove(self, path: Path) -> None:
        self._at(f"remove {path.suffix}")
        super().remove(path)
        self.synced.pop(path, None)

    def _suffix(self, file: FileIO) -> str:
        return self.files[file.fileno()].suffix


class Full(Quick):
    """A disk that is full after this many bytes."""

    def __init__(self, room: int) -> None:
        self.room = room

    def write(self, file: FileIO, data: bytes | bytearray | memoryview) -> None:
        fits = memoryview(data)[: max(0, self.room)]
        self.room -= memoryview(data).nbytes
        super().write(file, fits)
        if self.room < 0:
            raise OSError(errno.ENOSPC, "No space left on device")
