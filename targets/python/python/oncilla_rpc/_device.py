"""Devices and programs, and their calls: one after another, in flight, and for ``await``."""

from __future__ import annotations

import asyncio
import concurrent.futures
import difflib
import logging
import os
import threading
import time
from typing import Any, Callable, Dict, Iterable, List, Optional, Tuple, Type, TypeVar, Union as OneOf

from ._errors import BadInterface, Error, UnknownName, _Unreadable
from ._native import Cancel, Future, Interface, Link, Procedure

__all__ = ["AsyncDevice", "AsyncProcedure", "AsyncProgram", "CallsInFlight", "Device", "Program", "connect"]

Path = OneOf[str, "os.PathLike[str]"]

_T = TypeVar("_T")


def connect(
    target: str,
    *,
    interface: OneOf[Path, Interface, None] = None,
    key: Optional[Path] = None,
    suite: Optional[str] = None,
    side: Optional[str] = None,
    timeout: Optional[float] = None,
    connect_timeout: Optional[float] = None,
    baud: Optional[int] = None,
    framing: Optional[str] = None,
    payload: Optional[str] = None,
    message_max: Optional[int] = None,
    user: Optional[Tuple[int, int]] = None,
    ca: Optional[Path] = None,
    cert: Optional[Path] = None,
    cert_key: Optional[Path] = None,
    password: Optional[str] = None,
    logger: Optional[logging.Logger] = None,
) -> Device:
    """Connects to a device.

    Args:
        target: ``tcp://host:port``, ``udp://host:port``, ``tcp+tls://host:port``, ``unix:/path``, ``serial:/dev/ttyACM0``,
            ``serial:usb=VID:PID:SERIAL``, or ``rpc://host``, whose rpcbind knows the port of each program. A device of a
            fleet is ``mqtt://user@broker/fleet/device``, any device of a group ``mqtt://broker/fleet/any:group``, and
            ``mqtts://`` is the same inside TLS. Those have no calls in flight and no ``await``: use threads.
        interface: A ``.x`` file, or an ``Interface``. A device that describes itself needs none.
        key: The file of the key of the link, as ``FILE`` or ``FILE#ID``. The calls are then sealed.
        suite: The algorithms of the key: ``"light"`` (the default) or ``"forward-secret"``.
        side: The side of this program under the key: ``"host"`` (the default) or ``"device"``.
        timeout: How long a call waits for its reply, in seconds: 5 unless set.
        connect_timeout: How long connecting may take, in seconds: 5 unless set.
        baud: The baud rate of a serial port: 115200 unless set. An error for other targets.
        framing: ``"serial"`` (the default on serial ports), ``"cobs"``, or ``"record"`` (the default elsewhere).
        payload: The encoding of values: ``"xdr"`` (the default) or ``"postcard"``.
        message_max: The size of the largest message in bytes: 1048576 unless set. A decoded value may take 64 bytes of
            memory for each.
        user: The numbers of a user and a group, which the calls carry without proof (AUTH_SYS).
        ca: The PEM file of the authorities that TLS trusts. An error without TLS, as are ``cert`` and ``cert_key``.
        cert: The PEM file of the own certificate, for TLS.
        cert_key: The PEM file of the private key of the certificate.
        password: The password of the user at the broker. An error for other targets than ``mqtt://`` and ``mqtts://``.
        logger: Receives the text that the device logs: ``logging.getLogger("oncilla_rpc.device")`` unless set.

    Raises:
        NotConnected: The device was not reached.
        BadValue: The target or another setting is wrong.
        BadInterface: The file has errors.
    """
    options = dict(
        interface=None if isinstance(interface, Interface) else interface,
        key=key,
        suite=suite,
        side=side,
        timeout=timeout,
        connect_timeout=connect_timeout,
        baud=baud,
        framing=framing,
        payload=payload,
        message_max=message_max,
        user=user,
        ca=ca,
        cert=cert,
        cert_key=cert_key,
        password=password,
    )
    link = Link.connect(target, options, logger or logging.getLogger("oncilla_rpc.device"))
    return Device(link.with_interface(interface) if isinstance(interface, Interface) else link)


def _check_name(name: object) -> None:
    if not isinstance(name, str):
        raise TypeError(f"names are strings, and not {type(name).__name__}")


def _unknown(kind: str, name: str, known: Iterable[str], where: str) -> UnknownName:
    known = sorted(known)
    similar = difflib.get_close_matches(name, known, 1)
    if similar:
        help = f"the most similar name is {similar[0]!r}"
    elif known:
        help = "the names are: " + ", ".join(known)
    else:
        help = "there are none"
    return UnknownName(f"{where} has no {kind} {name!r}", [help])


class Device:
    """A connected device.

    Its programs are attributes, in lower case: ``device.thermostat.read(0)``. ``device["name"]`` finds a program by any
    name, also by one that a method of this class or a keyword has. Threads may share a device; their calls are made one
    after another. It is a context manager, which closes it.
    """

    def __init__(self, link: Link) -> None:
        self._link = link
        self._known: Optional[Dict[str, Program]] = None
        self._list: List[Program] = []
        self._interface: Optional[Interface] = None
        self._executor: Optional[concurrent.futures.Executor] = None
        self._lock = threading.Lock()

    # The interface is read when it is first needed: a call may not need it, and a device may not send it.
    def _read(self) -> Dict[str, Program]:
        if self._known is not None:
            return self._known
        interface = self._link.interface()
        known: Dict[str, Program] = {}
        programs: List[Program] = []
        for number, name, in_file, doc, versions in interface.programs():
            newest = max((version[0] for version in versions), default=0)
            for version, version_name, version_doc, procedures in versions:
                program = Program(self._link, name, number, version, "\n\n".join(filter(None, [doc, version_doc])), procedures)
                programs.append(program)
                known.setdefault(version_name.lower(), program)
                if version == newest:
                    for short in _short(name):
                        known[short] = program
        self._interface, self._list, self._known = interface, programs, known
        return known

    def programs(self) -> List[Program]:
        """Returns the programs of the device, each version of one."""
        self._read()
        return list(self._list)

    @property
    def types(self) -> Types:
        """The classes of the types of the interface, to make arguments: ``device.types.Reading(...)``."""
        self._attribute(self._read)
        assert self._interface is not None
        return Types(self._interface)

    @property
    def aio(self) -> AsyncDevice:
        """The device for ``await``: ``await device.aio.thermostat.read(0)``."""
        return AsyncDevice(self)

    def _thread(self) -> concurrent.futures.Executor:
        """Returns the thread on which the calls for ``await`` are made."""
        # A child process has no such thread.
        self._link.check()
        with self._lock:
            if self._executor is None:
                self._executor = concurrent.futures.ThreadPoolExecutor(1, "oncilla")
            return self._executor

    @property
    def target(self) -> str:
        """The target in full, such as ``tcp://oven.local:20049``."""
        return self._link.target

    @property
    def closed(self) -> bool:
        """Whether the device was closed."""
        return self._link.closed

    def ping(self) -> float:
        """Calls procedure 0 of the first program, which every server answers. Returns the seconds that it took."""
        self._read()
        if not self._list:
            raise _unknown("program", "any", [], "the interface")
        program = self._list[0]
        start = time.perf_counter()
        self._link.null(program.number, program.version)
        return time.perf_counter() - start

    def close(self) -> None:
        """Closes the connection. Calls of other threads, and calls in flight, raise ``Closed``."""
        self._link.close()

    def __getitem__(self, name: str) -> Program:
        _check_name(name)
        known = self._read()
        # A keyword, such as `lambda`, has a `_` as an attribute.
        program = known.get(name.lower()) or known.get(name.lower() + "_")
        if program is None:
            raise _unknown("program", name, known, "the interface")
        return program

    def _ipython_key_completions_(self) -> List[str]:
        return sorted(self._read())

    def __getattr__(self, name: str) -> Program:
        # Python and its tools ask for many names with underscores, none of which a program has.
        if name.startswith("_"):
            raise AttributeError(f"'Device' object has no attribute {name!r}")
        program = self._attribute(lambda: self[name])
        self.__dict__[name] = program
        return program

    def _attribute(self, get: Callable[[], _T]) -> _T:
        """Returns an attribute. `hasattr` is false while the interface cannot be read, and raises nothing."""
        try:
            return get()
        except BadInterface as error:
            raise _Unreadable(error.what, error.help) from None

    def __dir__(self) -> List[str]:
        try:
            names = list(self._read())
        except Error:
            names = []
        return sorted({*super().__dir__(), *names})

    def __enter__(self) -> Device:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<device {self.target}{', closed' if self.closed else ''}>"

    def __reduce__(self) -> Any:
        raise TypeError("a device cannot be copied to another process; connect there")


def _short(name: str) -> List[str]:
    """Returns the names of a program: with and without ``_program`` or ``_prog`` at its end."""
    names = [name]
    for end in ("_program", "_prog"):
        if name.endswith(end) and len(name) > len(end):
            names.append(name[: -len(end)])
    return names


class Program:
    """A program of a device. Its procedures are attributes, in lower case: ``oven.read(0)``.

    ``oven["name"]`` finds a procedure by any name, also by one that a method of this class or a keyword has.
    """

    number: int
    """The number of the program."""
    version: int
    """The version."""

    def __init__(
        self,
        link: Link,
        name: str,
        number: int,
        version: int,
        doc: str,
        procedures: List[Tuple[int, str, str]],
    ) -> None:
        self._link = link
        self._name = name
        self._numbers = {name: procedure for procedure, name, _ in procedures}
        self.number = number
        self.version = version
        lines = [text.split("\n", 1)[0] for _, _, text in procedures]
        self.__doc__ = "\n\n".join(filter(None, [doc, "The procedures:\n" + "\n".join(lines)]))

    def procedures(self) -> List[Procedure]:
        """Returns the procedures."""
        return [self[name] for name in self._numbers]

    def in_flight(self) -> CallsInFlight:
        """Makes calls that do not wait for each other.

        ::

            with oven.in_flight() as calls:
                futures = [calls.read(zone) for zone in range(8)]
            temperatures = [future.result() for future in futures]

        The end of the block waits for all calls. Each raises its error from its own ``result()``. At most 64 calls are in
        flight: one more waits for a reply. Results of more than 4096 bytes do not fit.
        """
        return CallsInFlight(self)

    def __getitem__(self, name: str) -> Procedure:
        _check_name(name)
        # Names of the file may be in upper case. A keyword has a `_` as an attribute.
        spellings = (name, name.lower(), name + "_", name.lower() + "_")
        number = next((self._numbers[spelling] for spelling in spellings if spelling in self._numbers), None)
        if number is None:
            raise _unknown("procedure", name, self._numbers, self._name)
        return self._link.procedure(self.number, self.version, number)

    def _ipython_key_completions_(self) -> List[str]:
        return sorted(self._numbers)

    def __getattr__(self, name: str) -> Procedure:
        if name.startswith("_"):
            raise AttributeError(f"'Program' object has no attribute {name!r}")
        procedure = self[name]
        self.__dict__[name] = procedure
        return procedure

    def __dir__(self) -> List[str]:
        return sorted({*super().__dir__(), *self._numbers})

    def __repr__(self) -> str:
        return f"<program {self._name} {self.number:#x} version {self.version}, {len(self._numbers)} procedures>"


class Types:
    """The classes of an interface's types, as attributes: ``device.types.Reading``."""

    def __init__(self, interface: Interface) -> None:
        classes = interface.classes()
        self._classes: Dict[str, Any] = {cls.__name__: cls for cls in classes.values()}
        # The names of the file, where they differ.
        self._all: Dict[str, Any] = {**classes, **self._classes}

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        try:
            return self._all[name]
        except KeyError:
            raise _unknown("type", name, self._classes, "the interface") from None

    def __dir__(self) -> List[str]:
        return sorted({*super().__dir__(), *self._classes})

    def __repr__(self) -> str:
        return f"<types {', '.join(self._classes)}>"


class CallsInFlight:
    """Calls of one program that do not wait for each other, made by ``oven.in_flight()``."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._futures: List[Future] = []

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(f"'CallsInFlight' object has no attribute {name!r}")
        start = self._program[name].start_together
        futures = self._futures

        def call(*args: Any, **kwargs: Any) -> Future:
            future = start(*args, **kwargs)
            futures.append(future)
            return future

        call.__name__ = name
        self.__dict__[name] = call
        return call

    def __dir__(self) -> List[str]:
        return sorted({*super().__dir__(), *self._program._numbers})

    def __enter__(self) -> CallsInFlight:
        return self

    def __exit__(self, kind: Optional[Type[BaseException]], *_error: object) -> None:
        if kind is not None:
            return
        for future in self._futures:
            future.exception()

    def __repr__(self) -> str:
        return f"<calls in flight of {self._program!r}>"


class AsyncDevice:
    """A device for ``await``: ``await device.aio.thermostat.read(0)``.

    Calls are made one after another, on a thread of the device. Cancelling a task, as ``asyncio.wait_for`` and Ctrl-C do,
    ends its call as a time-out does: the device may have executed it, and can be used afterwards.
    """

    def __init__(self, device: Device) -> None:
        self._device = device

    def __getitem__(self, name: str) -> AsyncProgram:
        return AsyncProgram(self._device, name)

    def __getattr__(self, name: str) -> AsyncProgram:
        if name.startswith("_"):
            raise AttributeError(f"'AsyncDevice' object has no attribute {name!r}")
        return self[name]

    def __dir__(self) -> List[str]:
        return sorted({*super().__dir__(), *(self._device._known or ())})

    def __repr__(self) -> str:
        return f"<asynchronous {self._device!r}>"


class AsyncProgram:
    """A program for ``await``."""

    def __init__(self, device: Device, name: str, program: Optional[Program] = None) -> None:
        self._device = device
        self._name = name
        self._program = program

    def __getitem__(self, name: str) -> AsyncProcedure:
        def find() -> Procedure:
            program = self._program if self._program is not None else self._device[self._name]
            return program[name]

        return AsyncProcedure(self._device, name, find)

    def __getattr__(self, name: str) -> AsyncProcedure:
        if name.startswith("_"):
            raise AttributeError(f"'AsyncProgram' object has no attribute {name!r}")
        return self[name]

    def __dir__(self) -> List[str]:
        program = self._program or (self._device._known or {}).get(self._name.lower())
        return sorted({*super().__dir__(), *(program._numbers if program is not None else ())})

    def __repr__(self) -> str:
        return f"<asynchronous program {self._name} of {self._device!r}>"


class AsyncProcedure:
    """A procedure for ``await``."""

    def __init__(self, device: Device, name: str, find: Callable[[], Procedure]) -> None:
        self.__name__ = name
        self._device = device
        # The first use of the interface asks the device, so it is on the thread of the calls.
        self._find = find

    async def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Calls the procedure."""
        return await self._later(lambda: self._find()(*args, **kwargs))

    async def map(self, items: Iterable[Any], *, in_flight: int = 64, return_exceptions: bool = False) -> List[Any]:
        """Makes a call for each item, as ``map`` of a procedure does. The items are taken on the thread of the calls."""
        return await self._later(
            lambda: self._find().map(items, in_flight=in_flight, return_exceptions=return_exceptions)
        )

    def with_options(self, *, timeout: Optional[float] = None, retries: Optional[int] = None) -> AsyncProcedure:
        """Returns the procedure with other options for its calls."""
        return AsyncProcedure(
            self._device, self.__name__, lambda: self._find().with_options(timeout=timeout, retries=retries)
        )

    async def _later(self, use: Callable[[], _T]) -> _T:
        cancel = Cancel()

        def work() -> _T:
            with cancel:
                return use()

        try:
            return await asyncio.wrap_future(self._device._thread().submit(work))
        except asyncio.CancelledError:
            cancel.cancel()
            raise

    def __repr__(self) -> str:
        return f"<asynchronous procedure {self.__name__} of {self._device!r}>"
