"""The base of the client classes that ``oncilla-rpcgen --language python`` generates."""

from __future__ import annotations

from typing import Any, ClassVar, Dict, Mapping, Optional

from ._device import Device
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
    _known: ClassVar[Dict[str, Interface]] = {}

    def __init__(self, device: Device) -> None:
        # The classes of one generated module share its interface.
        interface = self._known.get(self._INTERFACE)
        if interface is None:
            interface = Interface.parse(self._INTERFACE, dict(self._TYPES))
            self._known[self._INTERFACE] = interface
        self._link = device._link.with_interface(interface)
        self._procedures: Dict[int, Procedure] = {}

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
