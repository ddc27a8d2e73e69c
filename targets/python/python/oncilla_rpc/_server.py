"""Servers, which stand in for devices."""

from __future__ import annotations

import atexit
import functools
import logging
import os
import weakref
from types import TracebackType
from typing import Any, Callable, List, Optional, Sequence, Tuple, Type, Union as OneOf

from ._device import Device, connect
from ._errors import Error, Refused, TimedOut
from ._native import Interface, Serving

__all__ = ["Server", "oneway", "serve"]

Path = OneOf[str, "os.PathLike[str]"]

_log = logging.getLogger("oncilla_rpc.server")

# Threads that call Python end before Python does.
_running: weakref.WeakSet[Server] = weakref.WeakSet()


def oneway(method: Callable[..., Any]) -> Callable[..., Any]:
    """Marks a method of a server one-way: its caller waits for no reply, and gets none."""
    method._oncilla_oneway = True  # type: ignore[attr-defined]
    return method


class Server:
    """A running server, which answers the calls of an interface by the methods of an object.

    A method has the name of its procedure, such as ``read``, or with its program, such as ``thermostat_read``. It gets the
    arguments in their order, and returns the results: a value of the interface, a dict or a tuple. Methods run one at a
    time, on threads of the server.

    What a method raises is a refusal: ``oncilla_rpc.Refused(what, detail="GARBAGE_ARGS")`` is that refusal of RFC 5531,
    ``oncilla_rpc.TimedOut`` sends no reply, and any other exception is ``SYSTEM_ERR`` and is logged to
    ``logging.getLogger("oncilla_rpc.server")``. A procedure without a method is ``PROC_UNAVAIL``.

    The server describes itself, so its clients need no file. It is a context manager, which stops it.
    """

    def __init__(
        self,
        interface: OneOf[Path, Interface],
        implementation: object,
        *,
        listen: OneOf[str, Sequence[str]] = "tcp://127.0.0.1:0",
        key: Optional[Path] = None,
    ) -> None:
        if not isinstance(interface, Interface):
            interface = Interface.read(interface)
        self.implementation = implementation
        """The object whose methods are called."""
        places = [listen] if isinstance(listen, str) else list(listen)
        # The server's threads keep the object, and not this server, which ends them when it is forgotten.
        answer = functools.partial(_answer, implementation)
        self._key = key
        self._serving = Serving.start(interface, answer, places, None if key is None else os.fspath(key))
        _running.add(self)

    @property
    def targets(self) -> List[str]:
        """The targets by which the server is called, in the order of ``listen`` for each kind."""
        return self._serving.targets

    @property
    def target(self) -> str:
        """The first target."""
        return self.targets[0]

    @property
    def stopped(self) -> bool:
        """Whether the server was stopped."""
        return self._serving.stopped

    def connect(self, **options: Any) -> Device:
        """Connects to the server, with the options of ``oncilla_rpc.connect``."""
        if self._key is not None:
            options.setdefault("key", self._key)
        return connect(self.target, **options)

    def stop(self) -> None:
        """Stops the server. A call that runs ends first."""
        self._serving.stop()

    def __enter__(self) -> Server:
        return self

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None:
        self.stop()

    def __repr__(self) -> str:
        name = type(self.implementation).__name__
        return f"<server of {name} at {', '.join(self.targets)}{', stopped' if self.stopped else ''}>"


def serve(
    interface: OneOf[Path, Interface],
    *,
    listen: OneOf[str, Sequence[str]] = "tcp://127.0.0.1:0",
    key: Optional[Path] = None,
) -> Callable[[Callable[..., object]], Callable[..., Server]]:
    """Makes a class a server: its instances are running servers.

    ::

        @oncilla_rpc.serve("oven.x")
        class Oven:
            def read(self, channel):
                return {"millidegrees": 21500}

        with Oven() as server, server.connect() as device:
            device.oven.read(0)

    Args:
        interface: A ``.x`` file.
        listen: Where to listen: ``tcp://host:port``, ``udp://host:port``, ``unix:/path``, ``serial:PORT`` or ``pty``, or
            several of them. Port 0 is a free one.
        key: The file of keys, of which clients need one.
    """

    def decorate(make: Callable[..., object]) -> Callable[..., Server]:
        @functools.wraps(make, updated=())
        def start(*args: Any, **kwargs: Any) -> Server:
            return Server(interface, make(*args, **kwargs), listen=listen, key=key)

        return start

    return decorate


_Answer = Tuple[Any, Optional[str], bool]


def _answer(implementation: object, name: str, numbers: Tuple[int, int, int], arguments: Tuple[Any, ...]) -> _Answer:
    """Returns results, the name of a refusal, and whether no reply is sent."""
    program, _, procedure = name.rpartition(".")
    method = getattr(implementation, f"{program}_{procedure}", None) or getattr(implementation, procedure, None)
    if not callable(method):
        return None, "PROC_UNAVAIL", False
    try:
        results = method(*arguments)
    except Refused as refused:
        return None, refused.refusal or "SYSTEM_ERR", False
    except TimedOut:
        return None, None, True
    except Exception:
        _log.exception("%s has raised", name)
        return None, "SYSTEM_ERR", False
    return results, None, getattr(method, "_oncilla_oneway", False)


@atexit.register
def _stop_all() -> None:
    for server in list(_running):
        try:
            server.stop()
        except Error:
            _log.exception("%r does not stop", server)
