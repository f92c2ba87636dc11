"""The connection to a Dask cluster, and the library, which is imported when it is needed."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from types import ModuleType
from typing import TYPE_CHECKING, Protocol

from lago_async.errors import LagoConfigError

if TYPE_CHECKING:
    from distributed import Client


class Task(Protocol):
    """A call on a worker. Dask annotates only some of its types, so these are the parts that are used here."""

    @property
    def status(self) -> str:
        """Its state: pending, finished, error, cancelled or lost."""
        ...

    def result(self) -> object:
        """Return what the call returned, or raise what it raised."""
        ...

    def cancel(self) -> object:
        """Forget the call; one that runs is not stopped."""
        ...


class Cluster(Protocol):
    """A client of a cluster."""

    def nthreads(self) -> dict[str, int]:
        """Return the number of threads of each worker, by its address."""
        ...

    def submit(self, function: Callable[..., object], /, *arguments: object, pure: bool) -> Task:
        """Call a function on a worker."""
        ...


def require_distributed() -> ModuleType:
    """Return the library.

    Raises:
        LagoConfigError: It is not installed.
    """
    try:
        import distributed
    except ImportError as error:
        raise LagoConfigError("an export on a cluster needs Dask: pip install 'lago-async[dask]'") from error
    return distributed


@contextmanager
def connected(scheduler: str) -> Generator[Client]:
    """Connect to a scheduler by its address.

    Raises:
        LagoConfigError: It cannot be reached, or the library is not installed.
    """
    try:
        cluster: Client = require_distributed().Client(scheduler)
    except (OSError, ValueError) as error:
        raise LagoConfigError(f"the Dask scheduler {scheduler!r} cannot be reached: {error}") from None
    with cluster:
        yield cluster
