"""The request of our sessions: head and body leave in one step, without a task for the body.

aiohttp 3.14 makes the head of each request in a dozen steps, and writes each body in a task of its own, which on Python
3.11 takes another turn of the loop. For requests as plain as ours that is a quarter of what the library costs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import aiohttp
from aiohttp import hdrs
from aiohttp.http import HttpVersion11, StreamWriter
from multidict import CIMultiDict

if TYPE_CHECKING:
    import asyncio

    from aiohttp.connector import Connection
    from aiohttp.http import HttpVersion
    from aiohttp.tracing import Trace
    from yarl import URL

_KNOWN: Final = "3.14."
"""The versions of aiohttp whose request this one can stand in for; tests compare their bytes."""

_LONGEST: Final = 60 * 1024  # bytes of a body: with its head, the loop takes it without making the writer wait
_UNTYPED: Final = "application/octet-stream"


class DirectRequest(aiohttp.ClientRequest):
    """A request without a proxy, cookies or credentials in its URL, and with a short body of a known type.

    Any other request is the library's own. The session has to set all headers that the library would add.
    """

    _direct: bytes | None = None  # the body; None for a request of the library

    def __init__(
        self,
        method: str,
        url: URL,
        *,
        headers: Any = None,
        data: Any = None,
        version: HttpVersion = HttpVersion11,
        loop: asyncio.AbstractEventLoop | None = None,
        response_class: type[aiohttp.ClientResponse] | None = None,
        timer: Any = None,
        session: aiohttp.ClientSession | None = None,
        ssl: Any = True,
        **others: Any,
    ) -> None:
        if (
            headers.__class__ is not CIMultiDict
            or not (
                data is None or (data.__class__ is bytes and len(data) <= _LONGEST and hdrs.CONTENT_TYPE in headers)
            )
            or version != HttpVersion11
            or loop is None
            or session is None
            or any(others.values())
        ):
            super().__init__(
                method,
                url,
                headers=headers,
                data=data,
                version=version,
                loop=loop,
                response_class=response_class,
                timer=timer,
                session=session,
                ssl=ssl,
                **others,
            )
            return
        self.method = method
        self.url = self.original_url = url
        self.version = version
        self.loop = loop
        self.response_class = response_class or aiohttp.ClientResponse
        self.chunked = self.compress = self.length = self.server_hostname = None
        self.proxy = self.proxy_auth = self.proxy_headers = None
        self._session = session
        self._timer = timer
        self._ssl = ssl
        self._traces: list[Trace] = []
        self._direct = body = b"" if data is None else data
        self.headers = complete = CIMultiDict({hdrs.HOST: url.host_port_subcomponent or ""})
        complete.extend(headers)
        if data is not None or method not in self.GET_METHODS:
            complete[hdrs.CONTENT_LENGTH] = str(len(body))
        if method in self.POST_METHODS and hdrs.CONTENT_TYPE not in complete:
            complete[hdrs.CONTENT_TYPE] = _UNTYPED

    async def send(self, conn: Connection) -> aiohttp.ClientResponse:
        """Write the request, and return the response, which has not begun."""
        body = self._direct
        if body is None:
            return await super().send(conn)
        protocol = conn.protocol
        assert protocol is not None  # noqa: S101 - for type checkers: the connection was just opened
        writer = StreamWriter(protocol, self.loop)
        await writer.write_headers(f"{self.method} {self.url.raw_path_qs} HTTP/1.1", self.headers)
        await writer.write_eof(body)
        protocol.start_timeout()
        return self.response_class(
            self.method,
            self.url,
            writer=None,
            continue100=None,
            timer=self._timer,
            request_info=self.request_info,
            traces=self._traces,
            loop=self.loop,
            session=self._session,
            stream_writer=writer,
        )


def request_class() -> type[aiohttp.ClientRequest]:
    """Return the class for the requests of a session: the library's own, if we do not know its version."""
    return DirectRequest if aiohttp.__version__.startswith(_KNOWN) else aiohttp.ClientRequest
