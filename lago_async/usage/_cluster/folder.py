"""The folder of the shards, which all machines share: their exports, their lists, and the share of each worker."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final
from zlib import crc32

import attrs
import msgspec

from lago_async._codec.writing import encode
from lago_async.usage._export.disk import Disk

if TYPE_CHECKING:
    from lago_async.usage._export.pairs import Pair

STOP: Final = 0.0
"""The share that ends all work."""


class _Share(msgspec.Struct):
    run: str
    share: float


@attrs.frozen
class ShardFolder:
    """The files of a distributed export.

    Attributes:
        out: The file that all shards are merged into.
        plan: The random text of the plan, so that tasks of an earlier plan, which may still run, disturb nothing.
        count: The number of shards.
    """

    out: Path
    plan: str
    count: int

    @property
    def path(self) -> Path:
        """The folder."""
        return folder_of(self.out) / self.plan

    @property
    def files(self) -> list[Path]:
        """The export of each shard."""
        return [self.path / f"{number:04}-of-{self.count:04}{self.out.suffix}" for number in range(self.count)]

    @property
    def lists(self) -> list[Path]:
        """The list of the subscriptions of each shard."""
        return [list_of(file) for file in self.files]

    @property
    def is_listed(self) -> bool:
        """Whether the lists are complete."""
        return self._listed.exists()

    @property
    def _listed(self) -> Path:
        return self.path / "listed"

    def new_lists(self) -> ShardLists:
        """Begin the list of each shard."""
        self.path.mkdir(exist_ok=True)
        return ShardLists(self.lists, self._listed)

    def share_between(self, exports: int, *, run: str, share: float) -> None:
        """Divide a share of the rate limit between a number of exports that run."""
        self._write_share(_Share(run, share / max(1, exports)))

    def stop(self, *, run: str) -> None:
        """End the exports that run."""
        self._write_share(_Share(run, STOP))

    def _write_share(self, share: _Share) -> None:
        path = share_file(self.path)
        part = path.with_name(f"{path.name}.part")
        part.write_bytes(msgspec.json.encode(share))
        part.replace(path)


class ShardLists:
    """The lists of all shards while they are written. They get their names when they are complete.

    Args:
        paths: The list of each shard.
        listed: The file that says that the lists are complete.
    """

    def __init__(self, paths: Sequence[Path], listed: Path) -> None:
        self._listed = listed
        self._names = {path.with_name(f"{path.name}.part"): path for path in paths}
        self._files = [part.open("wb") for part in self._names]

    def add(self, pairs: Iterable[Pair]) -> None:
        """Add subscriptions. Each belongs to the same shard on every machine, and may come several times."""
        for customer, subscription in pairs:
            line = {"external_customer_id": customer, "external_subscription_id": subscription}
            self._files[_shard_of(customer, subscription, len(self._files))].write(encode(line) + b"\n")

    def finish(self) -> None:
        """Give the lists their names."""
        disk = Disk()
        self.close()
        for part, path in self._names.items():
            disk.replace(part, path)
        self._listed.touch()
        disk.sync_folder(self._listed.parent)

    def close(self) -> None:
        """Close the files."""
        for file in self._files:
            file.close()


def folder_of(out: Path) -> Path:
    """Return the folder of the plan of a file, and of its shards."""
    return out.with_name(f"{out.name}.shards")


def list_of(file: Path) -> Path:
    """Return the list of the subscriptions of a shard."""
    return file.with_name(f"{file.stem}.subscriptions.ndjson")


def share_file(folder: Path) -> Path:
    """Return the file that tells the exports how much of the rate limit each of them may use."""
    return folder / "share.json"


def read_share(folder: Path, run: str) -> float:
    """Return the share of each export of a run; `STOP` if the run has ended.

    Raises:
        OSError: The folder cannot be read.
    """
    try:
        found = msgspec.json.decode(share_file(folder).read_bytes(), type=_Share)
    except FileNotFoundError:
        return STOP
    return found.share if found.run == run else STOP


def _shard_of(customer: str, subscription: str, count: int) -> int:
    return crc32(f"{customer}\0{subscription}".encode("utf-8", "surrogatepass")) % count
