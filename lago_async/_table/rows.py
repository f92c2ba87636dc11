"""A row of the endpoint table: a decorated stub, and the endpoint that it compiles to when it is first used."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

import attrs

from lago_async._table.endpoint import Endpoint
from lago_async._table.gates import Gate
from lago_async._table.messages import ApiHost, ApiVersion, HttpMethod
from lago_async._table.signature import read_signature
from lago_async.errors import LagoArgumentError

if TYPE_CHECKING:
    from lago_async._table.query import QueryParameter
    from lago_async._table.repeats import StoredOnce
    from lago_async._table.risks import Risk


@attrs.define(slots=False, kw_only=True)
class Row:
    """A decorated stub. ``Endpoint`` describes the other attributes.

    Attributes:
        function: The stub.
        wire: Wire names of query parameters that Python spells differently.
        overload: Whether the operation has another row already, and this method is for another shape of its body.
        risk: What a call may do that cannot be undone; None for anything else.
    """

    function: Callable[..., Any]
    name: str
    method: HttpMethod
    path: str
    version: ApiVersion
    host: ApiHost
    root: str | None
    request_root: str | None
    wire: Mapping[str, str]
    idempotent: bool | Callable[[Any], bool]
    own_repeat: StoredOnce | None
    response_sibling: str | None
    envelope_optional: bool
    other_root: str | None
    overload: bool
    deprecated: str | Mapping[str, str] | None
    disables_paging: str | None
    gates: tuple[Gate, ...]
    risk: Risk | None

    @cached_property
    def endpoint(self) -> Endpoint:
        """The endpoint. It is compiled on first use, because that loads the models."""
        signature = read_signature(self.function, name=self.name, path=self.path, wire=self.wire)
        return Endpoint(
            name=self.name,
            method=self.method,
            path=self.path,
            version=self.version,
            host=self.host,
            path_params=signature.path_params,
            query=signature.query,
            body=signature.body,
            body_optional=signature.body_optional,
            request_root=self.request_root if signature.body else None,
            root=self.root,
            returns=signature.returns,
            paged=self.paged,
            idempotent=self.idempotent,
            own_repeat=self.own_repeat,
            siblings=signature.siblings,
            response_sibling=self.response_sibling,
            envelope_optional=self.envelope_optional,
            other_root=self.other_root,
            deprecated=self.deprecated,
            disables_paging=self.disables_paging,
            gates=self.gates,
            bind=signature.bind,
        )

    @property
    def query(self) -> tuple[QueryParameter, ...]:
        """The parameters of the query, from the endpoint."""
        return self.endpoint.query

    @property
    def paged(self) -> bool:
        """Whether the row returns a pager; known without loading a model."""
        return not inspect.iscoroutinefunction(self.function)

    @property
    def resource(self) -> str:
        """The name of the resource group and of its module: ``customers``."""
        return self.function.__module__.rpartition(".")[2]


def row_of(operation: Callable[..., Any]) -> Row:
    """Return the row behind a method such as ``client.customers.find``.

    Raises:
        LagoArgumentError: The argument is something else.
    """
    row = getattr(operation, "row", None)
    if isinstance(row, Row):
        return row
    raise LagoArgumentError(f"expected an operation of a client, such as client.customers.find, not {operation!r}")
