"""Clients of a web server that keep their connections, all in one thread.

They share the machine with the server they measure. As threads they would also wait for one another's turns in the
interpreter, five milliseconds each, and that waiting would count as the server's.
"""

from __future__ import annotations

import selectors
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

# Where every client's answers are read to, in turns: a place of its own for each took longer than the reading.
_PLACE = memoryview(bytearray(1 << 20))

Write = Callable[[], bytes]
"""The next request of one client, as it goes over the wire."""


@dataclass(slots=True)
class _Client:
    connection: socket.socket
    write: Write
    begun: float = 0.0
    head: bytes = b""
    missing: int | None = None
    """Bytes still to come; None while the headers are."""

    def ask(self) -> None:
        request = self.write()
        self.head, self.missing = b"", None
        self.begun = time.perf_counter()
        self.connection.sendall(request)

    def read(self) -> bool:
        """Whether the answer is complete. Of its body only the length is looked at."""
        length = self.connection.recv_into(_PLACE)
        if not length:
            raise ConnectionError("The server closed the connection.")
        if self.missing is None:
            self.head += _PLACE[:length]
            end = self.head.find(b"\r\n\r\n")
            if end < 0:
                return False
            self.missing = _length(self.head[:end]) - (len(self.head) - end - 4)
        else:
            self.missing -= length
        return self.missing == 0

    def require_success(self) -> None:
        if not self.head.startswith(b"HTTP/1.1 200 "):
            raise AssertionError(f"{self.head[:400]!r}")


def request(method: str, path: str, headers: Mapping[str, str], body: bytes = b"") -> bytes:
    """As it goes over the wire."""
    told = {"Host": "127.0.0.1", **headers, **({"Content-Length": str(len(body))} if body else {})}
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in told.items()), "", ""]
    return "\r\n".join(lines).encode() + body


def keep_asking(port: int, clients: Sequence[Write], *, seconds: float) -> list[float]:
    """Seconds that each answer took, of all that were asked for within the time. Each client asks again when it has
    its answer."""
    took: list[float] = []
    with ExitStack() as stack:
        waiting = stack.enter_context(selectors.DefaultSelector())
        for write in clients:
            connection = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=60))
            waiting.register(connection, selectors.EVENT_READ, _Client(connection, write))
        until = time.perf_counter() + seconds
        for key in list(waiting.get_map().values()):
            key.data.ask()
        while waiting.get_map():
            for key, _ in waiting.select():
                client: _Client = key.data
                if not client.read():
                    continue
                took.append(time.perf_counter() - client.begun)
                client.require_success()
                if time.perf_counter() < until:
                    client.ask()
                else:
                    waiting.unregister(client.connection)
    return took


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            return int(value)
    raise AssertionError(f"No length is told: {head[:300]!r}")
