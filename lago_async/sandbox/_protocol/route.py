"""What the sandbox needs to know of a row of the endpoint table."""

from typing import Protocol


class Route(Protocol):
    """What the sandbox needs to know of a row of the endpoint table."""

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
        """The path below the prefix, parameters in braces."""
        ...

    @property
    def root(self) -> str | None:
        """The envelope of the answer."""
        ...

    @property
    def request_root(self) -> str | None:
        """The envelope of the request."""
        ...
