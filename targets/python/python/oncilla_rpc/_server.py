"""Servers, which stand in for devices."""

from __future__ import annotations

import atexit
import difflib
import functools
import logging
import os
import threading
import time
import weakref
from typing import Any, Callable, Dict, Iterator, List, Mapping, Optional, Sequence, Set, Tuple, Union as OneOf

from ._device import Device, connect
from ._errors import BadValue, Error, Refused, TimedOut
from ._native import Calls, Interface, Serving

__all__ = ["Server", "oneway", "serve"]

Path = OneOf[str, "os.PathLike[str]"]

_log = logging.getLogger("oncilla_rpc.server")

# The running servers, which are stopped before Python ends.
_running: weakref.WeakSet[Server] = weakref.WeakSet()

_STOP = 5.0
"""How long a stop waits for the method that runs, in seconds."""


def oneway(method: Callable[..., Any]) -> Callable[..., Any]:
    """Marks a method of a server one-way: its caller waits for no reply, and gets none."""
    method._oncilla_oneway = True  # type: ignore[attr-defined]
    return method


class Server:
    """A running server, which answers the calls of an interface by the methods of an object.

    A method has the name of its procedure, such as ``read``, or with its program, such as ``thermostat_read``. It receives
    the arguments in their order, and returns the results: a value of the interface, a dict or a tuple. Methods run one at
    a time, on one thread of the server, so ``implementation`` needs no locks.

    A method refuses a call by an exception. ``oncilla_rpc.Refused("busy", detail="SYSTEM_ERR")`` sends that refusal of RFC
    5531, without the text; ``detail`` is ``SYSTEM_ERR`` unless set. ``oncilla_rpc.TimedOut`` sends no reply. Any other
    exception is ``SYSTEM_ERR``. Texts and exceptions are logged to ``logging.getLogger("oncilla_rpc.server")``. A
    procedure without a method is refused with ``PROC_UNAVAIL``.

    The server describes itself, so its clients need no file. It is a context manager, which stops it. It also stops when
    neither it nor a device of its ``connect()`` is referenced.
    """

    def __init__(
        self,
        interface: OneOf[Path, Interface],
        implementation: object,
        *,
        listen: OneOf[str, Sequence[str]] = "tcp://127.0.0.1:0",
        key: Optional[Path] = None,
        suite: Optional[str] = None,
        cert: Optional[Path] = None,
        cert_key: Optional[Path] = None,
        ca: Optional[Path] = None,
        message_max: int = 1 << 20,
        connections: int = 64,
    ) -> None:
        """Starts the server.

        Args:
            interface: A ``.x`` file.
            implementation: The object whose methods are called. A dict of version numbers and objects has one object for
                each version of the program; otherwise one object serves all versions.
            listen: Where to listen: ``tcp://host:port``, ``udp://host:port``, ``unix:/path``, ``serial:PORT`` or ``pty``,
                or several of them. Port 0 is a free one. Serial ports have settings: ``serial:PORT?baud=9600&framing=cobs``.
            key: The file of keys, as ``FILE`` or ``FILE#ID``. Clients need one of them.
            suite: The algorithms of the keys: ``"light"`` (the default) or ``"forward-secret"``.
            cert: The PEM file of the certificate. TCP is then served inside TLS only.
            cert_key: The PEM file of the private key of the certificate.
            ca: The PEM file of the authorities of clients. Clients then need a certificate.
            message_max: The size of the largest call and reply in bytes. On UDP, 65485 is the largest reply.
            connections: How many clients may be connected. One more replaces the one that has been idle longest.

        Raises:
            AddressInUse: Another server has a place.
            BadValue: A place cannot be opened, or an argument is wrong.
            BadInterface: The file has errors.
        """
        if not isinstance(interface, Interface):
            interface = Interface.read(interface)
        self.implementation = implementation
        """The object whose methods are called."""
        _check(interface, implementation)
        places = [listen] if isinstance(listen, str) else list(listen)
        self._key, self._suite, self._message_max = key, suite, message_max
        options = dict(
            key=key,
            suite=suite,
            cert=cert,
            cert_key=cert_key,
            ca=ca,
            message_max=message_max,
            connections=connections,
        )
        self._serving = Serving.start(interface, places, options)
        # The thread keeps the object, and not this server, which ends it when it is forgotten. Python does not wait for
        # it at the exit.
        work = (self._serving.calls(), implementation)
        self._thread = threading.Thread(target=_work, args=work, name="oncilla methods", daemon=True)
        self._thread.start()
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
        """Connects to the server, with the options of ``oncilla_rpc.connect``. The device keeps the server running."""
        if self._key is not None:
            options.setdefault("key", self._key)
            options.setdefault("suite", self._suite)
        options.setdefault("message_max", self._message_max)
        device = connect(self.target, **options)
        device._link.keep(self)
        return device

    def stop(self, timeout: float = _STOP) -> bool:
        """Stops the server, and waits for the method that runs. Returns whether it has ended.

        A method that runs for more than ``timeout`` seconds is given up: its caller is refused with ``SYSTEM_ERR`` and a
        warning is logged. Its thread goes on until the method or the program ends.
        """
        if threading.current_thread() is self._thread:
            # A method stops its own server, which ends after the call.
            return self._serving.stop()
        ended = self._serving.stop(timeout)
        if not ended:
            _log.warning("%r: a method still runs %.3g s after the stop, and is given up", self, timeout)
        return ended

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_error: object) -> None:
        self.stop()

    def __repr__(self) -> str:
        name = type(self.implementation).__name__
        return f"<server of {name} at {', '.join(self.targets)}{', stopped' if self.stopped else ''}>"


def serve(
    interface: OneOf[Path, Interface],
    *,
    listen: OneOf[str, Sequence[str]] = "tcp://127.0.0.1:0",
    key: Optional[Path] = None,
    **options: Any,
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
        listen: Where to listen, as for ``Server``.
        key: The file of keys. Clients need one of them.
        options: The other arguments of ``Server``.
    """

    def decorate(make: Callable[..., object]) -> Callable[..., Server]:
        @functools.wraps(make, updated=())
        def start(*args: Any, **kwargs: Any) -> Server:
            return Server(interface, make(*args, **kwargs), listen=listen, key=key, **options)

        return start

    return decorate


def _of_version(implementation: object, version: int) -> object:
    """Returns the object that serves a version."""
    return implementation.get(version) if isinstance(implementation, Mapping) else implementation


def _procedures(interface: Interface) -> Iterator[Tuple[str, str, int]]:
    """Returns the programs, names and versions of the procedures."""
    for _, _, program, _, versions in interface.programs():
        for version, _, _, procedures in versions:
            for _, name, _ in procedures:
                yield program.lower(), name, version


def _check(interface: Interface, implementation: object) -> None:
    """Refuses what cannot be called, and logs names that are probably wrong, and procedures without methods."""
    known: Dict[int, Set[str]] = {}
    missing: Dict[int, Dict[str, str]] = {}
    for program, name, version in _procedures(interface):
        served = _of_version(implementation, version)
        known.setdefault(version, set()).update((name, f"{program}_{name}"))
        method = getattr(served, f"{program}_{name}", None) or getattr(served, name, None)
        if method is None:
            missing.setdefault(version, {})[name] = f"{program}.{name}"
        elif not callable(method):
            raise BadValue(f"{type(served).__name__}.{name} is no method, and {program}.{name} is a procedure", (), name)
    if isinstance(implementation, Mapping):
        strange = sorted(set(implementation) - set(known))
        if strange:
            versions = ", ".join(map(str, sorted(known)))
            raise BadValue(f"the interface has no version {strange[0]!r}", [f"its versions are: {versions}"])
    for version, names in missing.items():
        served = _of_version(implementation, version)
        for method_name in vars(type(served)) if served is not None else ():
            if method_name.startswith("_") or method_name in known[version]:
                continue
            for similar in difflib.get_close_matches(method_name, names, 1, 0.7):
                _log.warning(
                    "%s.%s is no procedure of the interface; %s is, and has no method",
                    type(served).__name__,
                    method_name,
                    names[similar],
                )
        for whole in names.values():
            _log.info("%s version %d has no method: its calls are refused with PROC_UNAVAIL", whole, version)


def _work(calls: Calls, implementation: object) -> None:
    """Answers calls until the server ends."""
    while True:
        call = calls.next()
        if call is None:
            return
        try:
            call.answer(*_answer(implementation, call.name, call.numbers, call.arguments))
        except BaseException:
            _log.exception("%s: the results cannot be sent", call.name)
            call.answer(None, "SYSTEM_ERR", False)


_Answer = Tuple[Any, Optional[str], bool]


def _answer(implementation: object, name: str, numbers: Tuple[int, int, int], arguments: Tuple[Any, ...]) -> _Answer:
    """Returns results, the name of a refusal, and whether no reply is sent."""
    program, _, procedure = name.rpartition(".")
    served = _of_version(implementation, numbers[1])
    try:
        method = getattr(served, f"{program}_{procedure}", None) or getattr(served, procedure, None)
        if method is None:
            return None, "PROC_UNAVAIL", False
        results = method(*arguments)
    except Refused as refused:
        refusal = refused.refusal or "SYSTEM_ERR"
        _log.info("%s refuses a call with %s: %s", name, refusal, refused.what)
        return None, refusal, False
    except TimedOut:
        return None, None, True
    # Also SystemExit, which would end the thread and leave the server without methods.
    except BaseException:
        _log.exception("%s has raised", name)
        return None, "SYSTEM_ERR", False
    return results, None, getattr(method, "_oncilla_oneway", False)


@atexit.register
def _stop_all() -> None:
    servers = list(_running)
    for server in servers:
        server._serving.stop()
    deadline = time.monotonic() + _STOP
    for server in servers:
        try:
            server.stop(max(0.0, deadline - time.monotonic()))
        except Error:
            _log.exception("%r does not stop", server)
