"""The part of a row of the endpoint table that the sandbox needs."""

from typing import Protocol


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
