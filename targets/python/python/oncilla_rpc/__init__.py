"""Calls ONC RPC devices by name.

``import oncilla_rpc as oncilla`` is how the examples import it::

    import oncilla_rpc as oncilla

    with oncilla.connect("serial:/dev/ttyACM0") as device:
        print(device.thermostat.read(0).millidegrees)
"""

from ._client import Client
from ._device import AsyncDevice, AsyncProcedure, AsyncProgram, CallsInFlight, Device, Program, Types, connect
from ._errors import (
    AddressInUse,
    Away,
    BadInterface,
    BadReply,
    BadValue,
    BrokerError,
    Closed,
    Disconnected,
    Error,
    NotConnected,
    Refused,
    Restarted,
    TimedOut,
    UnknownName,
)
from ._find import Found, find
from ._native import Future, Interface, Procedure, __version__
from ._server import Server, oneway, serve
from ._types import Record, Union, rows

__all__ = [
    "AddressInUse",
    "AsyncDevice",
    "AsyncProcedure",
    "AsyncProgram",
    "Away",
    "BadInterface",
    "BadReply",
    "BadValue",
    "BrokerError",
    "CallsInFlight",
    "Client",
    "Closed",
    "Device",
    "Disconnected",
    "Error",
    "Found",
    "Future",
    "Interface",
    "NotConnected",
    "Procedure",
    "Program",
    "Record",
    "Refused",
    "Restarted",
    "Server",
    "TimedOut",
    "Types",
    "Union",
    "UnknownName",
    "__version__",
    "connect",
    "find",
    "oneway",
    "rows",
    "serve",
]

# Tracebacks and `repr` name the errors as a program does.
for _error in (
    AddressInUse,
    Away,
    BadInterface,
    BadReply,
    BadValue,
    BrokerError,
    Closed,
    Disconnected,
    Error,
    NotConnected,
    Refused,
    Restarted,
    TimedOut,
    UnknownName,
):
    _error.__module__ = "oncilla_rpc"
del _error
