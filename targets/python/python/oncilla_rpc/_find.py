"""Finds serial ports and servers."""

from __future__ import annotations

import dataclasses
from typing import List, Optional

from . import _native
from ._device import Device, connect

__all__ = ["Found", "find"]


@dataclasses.dataclass(frozen=True)
class Found:
    """A serial port, or a server on the network."""

    target: str
    """The target that ``connect`` takes."""
    port: Optional[str] = None
    """The name of a serial port, such as ``/dev/ttyACM0``."""
    vendor: Optional[int] = None
    """The number of the vendor of a USB device."""
    product: Optional[int] = None
    """The number of the product of a USB device."""
    serial: Optional[str] = None
    """The serial number of a USB device."""
    manufacturer: Optional[str] = None
    """The name of the manufacturer of a USB device."""
    name: Optional[str] = None
    """The name of a USB device."""

    def connect(self, **options: object) -> Device:
        """Connects to it, with the keyword arguments of ``connect``."""
        return connect(self.target, **options)  # type: ignore[arg-type]


def find(
    *,
    vendor: Optional[int] = None,
    product: Optional[int] = None,
    serial: Optional[str] = None,
    program: Optional[int] = None,
    version: int = 1,
    seconds: float = 1.0,
) -> List[Found]:
    """Finds serial ports of this machine, and servers of a program on its networks.

    Without ``program`` the networks are not asked. With ``vendor``, ``product`` or ``serial``, only ports of such USB
    devices are found.

    Args:
        vendor: The number of a vendor, such as ``0x2e8a``.
        product: The number of a product.
        serial: A serial number.
        program: The number of a program, which the rpcbind of each host is asked for by broadcast.
        version: The version of the program.
        seconds: How long hosts may take to answer.
    """
    found = []
    for port, usb in _native.ports():
        if usb is None:
            found.append(Found(f"serial:{port}", port))
            continue
        selector, vendor_id, product_id, number, manufacturer, name = usb
        found.append(Found(f"serial:{selector}", port, vendor_id, product_id, number, manufacturer, name))
    wanted = {"vendor": vendor, "product": product, "serial": serial}
    for attribute, value in wanted.items():
        if value is not None:
            found = [one for one in found if getattr(one, attribute) == value]
    if program is not None:
        found += [Found(f"udp://{address}") for address in _native.search(program, version, seconds)]
    return found
