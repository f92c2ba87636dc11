"""One story on one face: it calls operations, notes what happened, and deletes what it made."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from json import loads
from typing import Any, Protocol

import attrs

from lago_async import ENDPOINTS, LagoApiError, LagoCallError, LagoError, Page
from lago_async._table.gates import needs
from lago_async._table.refusals import is_no_route
from tests.conftest import Face
from tests.live.answers import differences
from tests.live.report import Report, Result, Step

ROWS = {f"{row.resource}.{row.function.__name__}": row for row in ENDPOINTS.rows}
"""Every row of the table by its path on a client."""

NOWHERE = "00000000-0000-4000-8000-000000000000"
"""The id of no object."""


class Missing:
    """The result of a call that has none. So is everything in it, and a call with it as argument is not made."""

    def __init__(self, operation: str) -> None:
        self.operation = operation

    def __getattr__(self, name: str) -> "Missing":
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __getitem__(self, key: object) -> "Missing":
        return self

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    def __bool__(self) -> bool:
        return False


@attrs.frozen
class Refusal:
    """A refusal that is a right answer.

    Attributes:
        status: The HTTP status.
        text: What stands in the error's code or details.
        why: What the server lacks.
        is_gate: Whether that is a part of the server, and not only an object in the right state.
    """

    status: int
    text: str
    why: str
    is_gate: bool = True

    def fits(self, error: LagoApiError) -> bool:
        """Tell whether this is the refusal."""
        return error.status_code == self.status and self.text in f"{error.code} {error.error_details}"


NO_PROVIDER = Refusal(422, "no_linked_payment_provider", "needs a customer with a payment provider")
NO_CLICKHOUSE = Refusal(500, "", "answers 500 without ClickHouse")


class Surroundings(Protocol):
    """The surroundings of an API: time that passes, and people who work in Lago's app."""

    patience: int
    """How often to wait for something that the server does later."""

    async def wait(self) -> None:
        """Let the server do what it does later."""

    async def draft_quote(self, external_customer_id: str) -> bool:
        """Draft a quote for a customer, and return whether that is possible."""
        ...


Story = Callable[["Trial"], Awaitable[None]]
Undo = tuple[str, str]
"""The operation that deletes an object, and the name of the object."""


class Trial:
    """A story on one face.

    Attributes:
        tag: What the codes of its objects begin with.
    """

    def __init__(self, face: Face, report: Report, around: Surroundings, tag: str) -> None:
        self.tag = tag
        self._face = face
        self._report = report
        self._around = around
        self._undo: list[tuple[str, tuple[object, ...]]] = []
        self._in_flight: asyncio.Future[Any] | None = None

    def code(self, name: str) -> str:
        """Return a code that no other run uses: ``live-3f9c2a-async-taxes-vat``."""
        return f"{self.tag}-{name}"

    async def tell(self, story: Story) -> None:
        """Run a story, and delete what it made, however it ends."""
        try:
            await story(self)
        except Exception as error:  # noqa: BLE001 - one story that fails is told, and the others go on
            self._note(f"the story {story.__name__}", Result.FAILED, f"{type(error).__name__}: {error}")
        finally:
            if self._in_flight is not None and not self._in_flight.done():
                await asyncio.wait([self._in_flight])
            await self._clean_up()

    async def call(
        self,
        operation: str,
        /,
        *args: Any,
        undo: Undo | Callable[[Any], Undo] | None = None,
        refusals: Sequence[Refusal] = (),
        **kwargs: Any,
    ) -> Any:
        """Call an operation and return its result; the items of the first page of a list.

        A run that is stopped waits for the call, so that what it makes can be deleted.

        Args:
            operation: Its path on a client.
            args: Its arguments.
            undo: The operation that deletes what this one makes, and its argument; or a function of the result.
            refusals: The refusals that count as an answer.
            kwargs: Its other arguments.

        Returns:
            The result; Missing if there is none.
        """
        missing = next(_missing((args, kwargs)), None)
        if missing is not None:
            self._note(operation, Result.NOT_REACHED, f"needs the result of {missing.operation}")
            return missing
        self._in_flight = asyncio.ensure_future(self._perform(operation, args, kwargs, undo, refusals))
        return await asyncio.shield(self._in_flight)

    async def until(self, found: Callable[[Any], Any], operation: str, /, *args: Any, **kwargs: Any) -> Any:
        """Call an operation until ``found`` returns something true of its result; return that, or Missing."""
        for _ in range(self._around.patience):
            result = found(await self.call(operation, *args, **kwargs))
            if result:
                return result
            await self._around.wait()
        return Missing(f"{operation}, in which the server has not shown what it makes later")

    async def first(self, operation: str, /, *args: Any, **kwargs: Any) -> Any:
        """Return the first item of a list; Missing if it is empty."""
        items = await self.call(operation, *args, **kwargs)
        return next(iter(items), Missing(f"{operation}, which is empty"))

    async def draft_quote(self, external_customer_id: str) -> bool:
        """Draft a quote, if that is possible: no operation of the API does."""
        return await self._around.draft_quote(external_customer_id)

    def undo(self, operation: str, /, *args: Any) -> None:
        """Call an operation at the end, unless the story itself has done so by then."""
        if next(_missing(args), None) is None:
            self._undo.append((operation, args))

    def leave(self, what: str) -> None:
        """Note something that no operation deletes."""
        self._report.left_behind.append(what)

    # --- inside -------------------------------------------------------------------------------------------------------

    async def _perform(
        self,
        operation: str,
        args: tuple[Any, ...],
        kwargs: Mapping[str, Any],
        undo: Undo | Callable[[Any], Undo] | None,
        refusals: Sequence[Refusal],
    ) -> Any:
        if isinstance(undo, tuple):
            self.undo(*undo)  # also if the response is lost
        try:
            info = await self._face.with_http_info(operation, *args, **kwargs)
        except LagoError as error:
            maybe_made = isinstance(error, LagoCallError) and error.maybe_applied
            if isinstance(undo, tuple) and not maybe_made:
                self._done(undo[0], undo[1:])
            elif undo is not None and maybe_made and not isinstance(undo, tuple):
                self.leave(f"perhaps the object of {operation}, whose response was lost")
            self._note_error(operation, error, refusals)
            return Missing(operation)
        if undo is not None and not isinstance(undo, tuple):
            self.undo(*undo(info.data))
        self._done(operation, args)
        self._note(operation, Result.OK)
        self._compare(operation, info)
        return info.data.items if isinstance(info.data, Page) else info.data

    def _note(self, operation: str, result: Result, note: str = "", *, is_gate: bool = False) -> None:
        self._report.steps.append(Step(operation, self._face.name, result, note, is_gate=is_gate))

    def _note_error(self, operation: str, error: LagoError, refusals: Sequence[Refusal]) -> None:
        """Note a refusal by a gate, one that counts as an answer, or a failure."""
        if isinstance(error, LagoApiError):
            what = f"{error.status_code} {error.code or ''}".strip()
            gates = ROWS[operation].gates
            if gates and error.status_code == 403 and "_not_allowed_for_" not in str(error.code):
                self._note(operation, Result.REFUSED, f"{what}: needs {needs(gates)}", is_gate=True)
                return
            for refusal in refusals:
                if refusal.fits(error):
                    self._note(operation, Result.REFUSED, f"{what}: {refusal.why}", is_gate=refusal.is_gate)
                    return
            if is_no_route(error):
                self._note(operation, Result.REFUSED, f"{what}: this server does not have the operation", is_gate=True)
                return
            if error.status_code == 501:
                self._note(operation, Result.REFUSED, f"{what}: the sandbox does not simulate it", is_gate=True)
                return
        self._note(operation, Result.FAILED, f"{type(error).__name__}: {error}")

    def _compare(self, operation: str, info: Any) -> None:
        """Note where the response and what was read from it differ."""
        root = ROWS[operation].root
        if root is None or not info.body.strip():
            return
        sent = loads(info.body)
        read = info.data.items if isinstance(info.data, Page) else info.data
        if root not in sent and isinstance(sent, dict):
            return  # an envelope that some servers omit
        self._report.differences.update((operation, each) for each in differences(sent[root], read, operation))

    def _done(self, operation: str, args: tuple[object, ...]) -> None:
        """Forget to delete what the story has deleted itself."""
        self._undo = [(name, given) for name, given in self._undo if (name, given) != (operation, args)]

    async def _clean_up(self) -> None:
        """Delete what is still there, the last first; each of it, also if one cannot be deleted."""
        while self._undo:
            operation, args = self._undo.pop()
            if operation == "customers.destroy":
                await self._leave_invoices(str(args[0]))
            try:
                await self._face(operation, *args)
            except LagoApiError as error:
                if error.status_code not in (404, 501):  # it was never made, or is gone already
                    self.leave(f"{operation}{args}: {error}")
            except LagoError as error:
                self.leave(f"{operation}{args}: {error}")

    async def _leave_invoices(self, external_customer_id: str) -> None:
        """Note the invoices of a customer that is about to be deleted."""
        try:
            found = await self._face.items("customers.find_all_invoices", external_customer_id)
        except LagoError as error:
            self.leave(f"the invoices of the customer {external_customer_id}, which could not be listed: {error}")
            return
        if found:
            numbers = ", ".join(item.number or item.lago_id for item in found)
            self.leave(f"invoices of the customer {external_customer_id}, which no operation deletes: {numbers}")


def _missing(value: object) -> Iterator[Missing]:
    """Yield each missing value in arguments."""
    if isinstance(value, Missing):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _missing(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _missing(inner)
