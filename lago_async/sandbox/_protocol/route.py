"""The part of a row of the endpoint table that the sandbox needs."""

from collections.abc import Sequence
from typing import Protocol


class RouteQuery(Protocol):
    """The part of a query parameter that the sandbox needs."""

    @property
    def name(self) -> str:
        """The name without brackets: ``statuses``."""
        ...

    @property
    def values(self) -> tuple[str, ...]:
        """The values of an enumeration; empty for anything else."""
        ...


class Route(Protocol):
    """The part of a row of the endpoint table that the sandbox needs."""

    @property
    def name(self) -> str:
        """The operation: ``find_customer``."""
        ...

    @property
    def method(self) -> str:
        """The HTTP verb."""
        ...

    @property
    def path(self) -> str:
        """The path below the version, parameters in braces."""
        ...

    @property
    def version(self) -> str:
        """The version of the API: ``v1``."""
        ...

    @property
    def root(self) -> str | None:
        """The envelope of the response."""
        ...

    @property
    def request_root(self) -> str | None:
        """The envelope of the request."""
        ...

    @property
    def query(self) -> Sequence[RouteQuery]:
        """The parameters of the query."""
        ...
