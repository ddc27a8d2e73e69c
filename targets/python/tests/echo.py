"""A server in plain Python, which shares no code with the package: it returns the arguments of a call as its results."""

from __future__ import annotations

import socket
import struct
import threading
from typing import Callable, List, Optional

Answer = Callable[[bytes, int], Optional[bytes]]
"""Takes a whole call and its procedure. Returns the whole reply, or ``None`` for none."""


def accepted(call: bytes, results: bytes) -> bytes:
    """Returns the reply to a call with these results (RFC 5531 §9)."""
    return call[:4] + struct.pack(">IIIII", 1, 0, 0, 0, 0) + results


def echo(call: bytes, procedure: int) -> bytes:
    """Returns the arguments of a call without credentials."""
    return accepted(call, call[40:])


class Server:
    """Serves TCP connections with record marking (RFC 5531 §11), each on a thread."""

    def __init__(self, answer: Answer = echo) -> None:
        self.answer = answer
        self.calls: List[int] = []
        self._connections: List[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.target = f"tcp://127.0.0.1:{self.port}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._connections.append(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            with connection, connection.makefile("rb") as stream:
                while mark := stream.read(4):
                    call = stream.read(struct.unpack(">I", mark)[0] & 0x7FFF_FFFF)
                    procedure = struct.unpack(">I", call[20:24])[0]
                    self.calls.append(procedure)
                    reply = self.answer(call, procedure)
                    if reply is not None:
                        connection.sendall(struct.pack(">I", 0x8000_0000 | len(reply)) + reply)
        except OSError:
            pass

    def hang_up(self) -> None:
        """Closes all connections that there are. A client may make the next one meanwhile."""
        connections, self._connections = self._connections, []
        for connection in connections:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def close(self) -> None:
        """Closes everything."""
        try:
            # A thread that waits for a connection would accept one more.
            self._listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            # It is closed already.
            pass
        self._listener.close()
        self.hang_up()

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
