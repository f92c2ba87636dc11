"""The connector: it reuses no connection that spoke while it was idle, and tells what failed before anything was sent.

aiohttp 3.14 takes bytes that arrive on an idle connection for the answer to the next request (aiohttp 13656), so one
customer's data could be read as another's. And it reports a refusal by a proxy, which concerns no request of ours yet,
like the loss of an answer.
"""

from __future__ import annotations

import asyncio
import re
import select
from functools import partial
from typing import TYPE_CHECKING, Any

import aiohttp
from aiohttp.client_proto import ResponseHandler

from lago_async._net.failures import AttemptError, CancelledBeforeSendingError, before_sending

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiohttp import ClientRequest
    from aiohttp.connector import Connection
    from aiohttp.http import RawResponseMessage
    from aiohttp.streams import StreamReader
    from aiohttp.tracing import Trace

_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*([0-9]{1,18})[ \t]*\r\n", re.IGNORECASE)


class CheckedProtocol(ResponseHandler):
    """One connection, which notices bytes that answer no request.

    Attributes:
        used: Whether a request was sent on this connection.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop)
        self.used: bool = False
        self._head: RawResponseMessage | None = None  # of the response to the last request
        self._body: StreamReader | None = None
        self._head_length = 0
        self._received = 0
        self._length: int | None = None  # of head and body, if the head says so
        self._arrived: Callable[[int], object] | None = None

    def set_response_params(self, **params: Any) -> None:
        """Expect the response to the next request."""
        self.used = True
        self._head = self._body = None
        self._head_length = self._received = 0
        self._length = None
        super().set_response_params(**params)

    def feed_data(self, data: tuple[RawResponseMessage, StreamReader], size: int = 0) -> None:
        """Take the head of a response from the parser."""
        if data[0].code >= 200:  # others are announcements of the response
            self._head, self._body = data
        super().feed_data(data, size)

    def data_received(self, data: bytes) -> None:
        """Take bytes from the socket. Those after the end of a response belong to no request of ours."""
        if not data:  # the parser continues after a pause
            super().data_received(data)
            return
        if self._body is not None and self._body.is_eof():
            self.force_close()
        if not self._head_length and (end := data.find(b"\r\n\r\n")) >= 0:
            self._head_length = self._received + end + 4
            length = _LENGTH.search(data, 0, end + 2)
            self._length = None if length is None else self._head_length + int(length[1])
        self._received += len(data)
        if self._length is not None and self._received > self._length:
            # The parser would drop the response if it found something else than another response behind it.
            data = data[: self._length - self._received]
            self.force_close()
        super().data_received(data)
        if self._body is not None and self._body.is_eof() and not self._ends_with(data):
            self.force_close()

    def _ends_with(self, data: bytes) -> bool:
        """Tell whether the response ends with these bytes; more may have come, and wait in the parser."""
        if self._length is not None:
            return self._received == self._length
        head = self._head
        return head is not None and head.chunked and data.endswith(b"\r\n\r\n")

    def is_quiet(self) -> bool:
        """Tell whether the server has neither sent anything since the last response, nor closed the connection."""
        return not self.should_close and (not self.used or not self._has_unread_bytes())

    def _has_unread_bytes(self) -> bool:
        """Tell whether the socket has bytes, or an end, that the loop has not read yet."""
        if self._arrived is None:
            # Windows and some patched worlds have no poll(); there, what the loop has read must do.
            if self.transport is None or not hasattr(select, "poll"):
                return False
            poll = select.poll()
            poll.register(self.transport.get_extra_info("socket").fileno(), select.POLLIN)
            self._arrived = poll.poll
        return bool(self._arrived(0))


class CheckedConnector(aiohttp.TCPConnector):
    """Connections for requests: fresh ones, or idle ones on which nothing has arrived."""

    def __init__(self) -> None:
        super().__init__(limit=0)  # pyright: ignore[reportUnknownMemberType] - a type of the library's own
        # aiohttp has no public way to choose the protocol.
        make: Callable[..., ResponseHandler] = CheckedProtocol
        self._factory = partial(make, asyncio.get_running_loop())

    async def connect(
        self,
        req: ClientRequest,
        traces: list[Trace],
        timeout: aiohttp.ClientTimeout,  # noqa: ASYNC109 - the library's own parameter
    ) -> Connection:
        """Return a connection to send a request on.

        Raises:
            AttemptError: No connection could be opened, so nothing was sent to the API.
            CancelledBeforeSendingError: The task was cancelled before the connection was open.
        """
        try:
            while True:
                connection = await super().connect(req, traces, timeout)
                protocol = connection.protocol
                if not isinstance(protocol, CheckedProtocol) or protocol.is_quiet():
                    return connection
                connection.close()
                if not protocol.used:
                    break
        except asyncio.CancelledError as error:
            raise CancelledBeforeSendingError(*error.args) from None
        except TimeoutError:
            raise  # aiohttp names the limit
        except Exception as error:  # noqa: BLE001 - nothing was sent, whatever it is
            raise AttemptError(before_sending(error)) from None
        raise AttemptError(before_sending(aiohttp.ClientConnectionError("the server spoke before it got a request")))
