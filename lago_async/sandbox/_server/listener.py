"""The socket of a sandbox: served on the running loop, or on a loop and a thread of its own."""

import asyncio
import selectors
import sys
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress

import attrs
from aiohttp import web

# How long a stopping sandbox waits for requests in flight; short, so that tests do not wait for injected latencies.
_SHUTDOWN_SECONDS = 0.1


# The iterations of the loop in which asyncio makes the transport of an accepted connection, or closes the socket of a
# closed one. A loop that ends earlier leaves an open socket.
_ITERATIONS = 4


async def _let_transports_run() -> None:
    for _ in range(_ITERATIONS):
        await asyncio.sleep(0)


class _Closed(asyncio.Protocol):
    """A connection that is closed as soon as it is made."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport.close()


def _new_loop() -> asyncio.AbstractEventLoop:
    # Not epoll: forked children share its set, and their exit would remove the sockets of this server from it.
    if sys.platform == "win32":
        return asyncio.new_event_loop()
    return asyncio.SelectorEventLoop(selectors.PollSelector())


@attrs.frozen(kw_only=True)
class Service:
    """The functions that a listener calls, all of them on its loop.

    Attributes:
        handle: Responds to a request.
        refuses: Called with every new connection; returns whether to close it at once.
        started: Called with the base URL when the port is open.
        stopped: Called before the port is closed.
    """

    handle: Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]
    refuses: Callable[[], bool]
    started: Callable[[str], None]
    stopped: Callable[[], Awaitable[None]]


class Listener:
    """One open port."""

    def __init__(self, host: str, port: int, service: Service) -> None:
        self._host = host
        self._port = port
        self._service = service
        self._web_server: web.Server | None = None
        self._listener: asyncio.Server | None = None
        self._thread: threading.Thread | None = None
        self._thread_ready = threading.Event()
        self._thread_error: BaseException | None = None
        self._thread_stop: tuple[asyncio.AbstractEventLoop, asyncio.Event] | None = None

    async def start(self) -> None:
        """Serve on the running loop."""
        self._web_server = web.Server(self._service.handle, access_log=None)
        loop = asyncio.get_running_loop()
        self._listener = await loop.create_server(self._protocol, self._host, self._port)
        port = self._listener.sockets[0].getsockname()[1]
        host = f"[{self._host}]" if ":" in self._host else self._host
        self._service.started(f"http://{host}:{port}")

    async def stop(self) -> None:
        """Close the port and all connections."""
        if self._listener is None or self._web_server is None:
            return
        await self._service.stopped()
        # If an asyncio server is closed between the acceptance of a connection and its transport, `Server._attach`
        # fails, and that socket is never closed. So it accepts no more, and makes those transports, before it closes.
        with suppress(NotImplementedError):
            for listening in self._listener.sockets:
                asyncio.get_running_loop().remove_reader(listening.fileno())
        await _let_transports_run()
        self._listener.close()
        self._web_server.pre_shutdown()
        await self._web_server.shutdown(_SHUTDOWN_SECONDS)
        await _let_transports_run()

    def start_thread(self) -> None:
        """Serve on a thread; return when the port is open."""
        self._thread = threading.Thread(target=self._run_thread, name="lago-sandbox", daemon=True)
        self._thread.start()
        self._thread_ready.wait()
        if self._thread_error is not None:
            self._thread.join()
            raise self._thread_error

    def stop_thread(self) -> None:
        """Close the port, and wait for the end of the thread."""
        if self._thread is None or self._thread_stop is None:
            return
        loop, stop = self._thread_stop
        loop.call_soon_threadsafe(stop.set)
        self._thread.join()
        if self._thread_error is not None:
            raise self._thread_error

    def _run_thread(self) -> None:
        with asyncio.Runner(loop_factory=_new_loop) as runner:
            try:
                runner.run(self._serve_until_stopped())
            except BaseException as error:  # noqa: BLE001 - carried to the thread that waits for the start
                self._thread_error = error
                self._thread_ready.set()

    async def _serve_until_stopped(self) -> None:
        stop = asyncio.Event()
        await self.start()
        self._thread_stop = (asyncio.get_running_loop(), stop)
        self._thread_ready.set()
        await stop.wait()
        await self.stop()

    def _protocol(self) -> asyncio.Protocol:
        """Return the protocol of a new connection."""
        if self._web_server is None:
            raise RuntimeError("connections before the start")
        return _Closed() if self._service.refuses() else self._web_server()
