"""The base of the client classes that ``oncilla-rpcgen --language python`` generates."""

from __future__ import annotations

from typing import Any, ClassVar, Dict, Mapping, Optional, Tuple

from ._device import AsyncProgram, CallsInFlight, Device, Program
from ._native import Interface, Procedure

__all__ = ["Client"]


class Client:
    """A program of a device, with the types of its procedures. Generated classes extend it.

    ::

        with oncilla_rpc.connect("tcp://sensor.local:20049") as device:
            reading = sensor.Sensor(device).read(0)
    """

    PROGRAM: ClassVar[int]
    """The number of the program."""
    VERSION: ClassVar[int]
    """The version."""
    _INTERFACE: ClassVar[str]
    _TYPES: ClassVar[Mapping[str, type]]
    _known: ClassVar[Dict[int, Tuple[Mapping[str, type], Interface]]] = {}

    def __init__(self, device: Device) -> None:
        # The classes of one generated module share its interface. A module that is loaded again has other classes.
        known = self._known.get(id(self._TYPES))
        if known is None:
            known = (self._TYPES, Interface.parse(self._INTERFACE, dict(self._TYPES)))
            self._known[id(self._TYPES)] = known
        self._device = device
        self._link = device._link.with_interface(known[1])
        self._procedures: Dict[int, Procedure] = {}
        self._own: Optional[Program] = None

    def __getitem__(self, name: str) -> Procedure:
        """Returns a procedure by its name: ``sensor.Sensor(device)["read"].map(range(8))``."""
        return self._program()[name]

    def in_flight(self) -> CallsInFlight:
        """Makes calls that do not wait for each other, as ``in_flight`` of a program of a device does."""
        return CallsInFlight(self._program())

    @property
    def aio(self) -> AsyncProgram:
        """The program for ``await``: ``await sensor.Sensor(device).aio.read(0)``."""
        program = self._program()
        return AsyncProgram(self._device, program._name, program)

    def _program(self) -> Program:
        """Returns the program of the generated interface: its values have the generated classes."""
        if self._own is None:
            numbers = (self.PROGRAM, self.VERSION)
            programs = Device(self._link).programs()
            self._own = next(one for one in programs if (one.number, one.version) == numbers)
        return self._own

    def _procedure(self, number: int, timeout: Optional[float], retries: Optional[int]) -> Procedure:
        procedure = self._procedures.get(number)
        if procedure is None:
            procedure = self._link.procedure(self.PROGRAM, self.VERSION, number)
            self._procedures[number] = procedure
        if timeout is None and retries is None:
            return procedure
        return procedure.with_options(timeout=timeout, retries=retries)

    def _call(
        self,
        number: int,
        *arguments: Any,
        timeout: Optional[float] = None,
        retries: Optional[int] = None,
    ) -> Any:
        return self._procedure(number, timeout, retries)(*arguments)

    def _cast(self, number: int, *arguments: Any, timeout: Optional[float] = None) -> None:
        self._procedure(number, timeout, None).cast(*arguments)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._link.target}>"
