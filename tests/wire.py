"""A scripted server on loopback: it says any bytes on a raw socket, and keeps what it was sent."""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
import threading
from collections.abc import Callable, Generator, Sequence
from typing import Self

CUSTOMER = {"customer": {"lago_id": "1", "external_id": "cus_1", "currency": "EUR"}}


def answer(
    body: object = CUSTOMER, status: str = "200 OK", headers: Sequence[str] = (), *, coded: bool = False
) -> bytes:
    """Return a whole response; a body that is not bytes is JSON, and ``coded`` leaves the content type out."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status}", *headers, f"Content-Length: {len(content)}"]
    if not coded:
        lines.append("Content-Type: application/json")
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + content


class Line:
    """One connection, as the server has it."""

    def __init__(self, server: Wire, sock: socket.socket, number: int) -> None:
        self.server = server
        self.socket = sock
        self.number = number
        self._unread = b""

    def read(self) -> bytes:
        """Return the next request, head and body; b"" at the end of the connection."""
        while b"\r\n\r\n" not in self._unread:
            if not self._more():
                return b""
        head, _, rest = self._unread.partition(b"\r\n\r\n")
        length = next(
            (int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0
        )
        while len(rest) < length:
            if not self._more():
                return b""
            rest = self._unread.partition(b"\r\n\r\n")[2]
        self._unread = rest[length:]
        request = head + b"\r\n\r\n" + rest[:length]
        self.server.requests.append(request)
        return request

    def send(self, data: bytes) -> None:
        """Send bytes."""
        self.socket.sendall(data)

    def secure(self, context: ssl.SSLContext) -> None:
        """Begin TLS."""
        self.socket = context.wrap_socket(self.socket, server_side=True)

    def reset(self) -> None:
        """End the connection with a reset instead of an end."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
        self.socket.close()

    def _more(self) -> bool:
        data = self.socket.recv(65_536)
        self._unread += data
        return bool(data)


class Wire:
    """A server; ``talk`` is called on a thread for each connection, which ends when it returns.

    Attributes:
        requests: The requests that were read, head and body.
        connections: How many connections were accepted.
    """

    def __init__(self, talk: Callable[[Line], None], host: str = "127.0.0.1") -> None:
        self.requests: list[bytes] = []
        self.connections = 0
        self._talk = talk
        self._threads: list[threading.Thread] = []
        self._sockets: list[socket.socket] = []
        self._socket = socket.create_server((host, 0))
        self.port: int = self._socket.getsockname()[1]
        self.url = f"http://{host}:{self.port}"
        self._accepting = threading.Thread(target=self._accept)

    def __enter__(self) -> Self:
        self._accepting.start()
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._accepting.join()
        for sock in self._sockets:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            self._sockets.append(sock)
            thread = threading.Thread(target=self._serve, args=(Line(self, sock, self.connections),))
            self._threads.append(thread)
            thread.start()

    def _serve(self, line: Line) -> None:
        try:
            with contextlib.suppress(OSError):
                self._talk(line)
        finally:
            line.socket.close()


@contextlib.contextmanager
def answering(reply: Callable[[int, bytes], bytes | None]) -> Generator[Wire, None, None]:
    """Run a server that answers the nth request with ``reply(n, request)``; None drops the connection."""

    def talk(line: Line) -> None:
        while request := line.read():
            said = reply(len(line.server.requests), request)
            if said is None:
                return
            line.send(said)

    with Wire(talk) as wire:
        yield wire
