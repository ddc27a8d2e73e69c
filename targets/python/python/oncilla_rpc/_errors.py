"""The errors of the package. Each states what happened and what to do next."""

from __future__ import annotations

import errno
from typing import Optional, Sequence

__all__ = [
    "AddressInUse",
    "Away",
    "BadInterface",
    "BadReply",
    "BadValue",
    "BrokerError",
    "Closed",
    "Disconnected",
    "Error",
    "NotConnected",
    "Refused",
    "Restarted",
    "TimedOut",
    "UnknownName",
]


class Error(Exception):
    """The base of all errors of the package."""

    what: str
    """What happened."""
    help: Sequence[str]
    """What to do next: some sentences, or none."""
    index: Optional[int] = None
    """The number of the item, from 0, if the call of ``map`` for it failed; otherwise ``None``."""

    def __init__(self, what: str, help: Sequence[str] = (), detail: Optional[str] = None) -> None:
        super().__init__(what, tuple(help), detail)
        self.what = what
        self.help = tuple(help)

    def __str__(self) -> str:
        item = "" if self.index is None else f"item {self.index}: "
        return "\n  help: ".join([item + self.what, *self.help])


class NotConnected(Error, ConnectionError):
    """The device was not reached, or refused the connection. Nothing was called."""


class Away(NotConnected):
    """The device of a fleet is away or unknown. Nothing was called."""


class BrokerError(Error, ConnectionError):
    """The trouble of a fleet's broker, not of a device. The next call works when the broker does."""

    may_have_been_executed: bool
    """Whether the call may have been executed."""

    def __init__(self, what: str, help: Sequence[str] = (), detail: Optional[str] = None) -> None:
        super().__init__(what, help, detail)
        self.may_have_been_executed = detail == "broker-lost"


class TimedOut(Error, TimeoutError):
    """No reply arrived in time. The device may have executed the call."""


_REFUSALS = frozenset(
    "PROG_UNAVAIL PROG_MISMATCH PROC_UNAVAIL GARBAGE_ARGS SYSTEM_ERR RPC_MISMATCH AUTH_ERROR AUTH_BADCRED AUTH_REJECTEDCRED"
    " AUTH_BADVERF AUTH_REJECTEDVERF AUTH_TOOWEAK AUTH_INVALIDRESP AUTH_FAILED".split()
)


class Refused(Error):
    """The device refused the call. It was not executed, unless ``may_have_been_executed`` is set."""

    refusal: str
    """The name of the refusal in RFC 5531, such as ``PROC_UNAVAIL``."""
    may_have_been_executed: bool
    """Whether the call may have been executed: a device that fails during a call returns ``SYSTEM_ERR``."""

    def __init__(self, what: str, help: Sequence[str] = (), detail: Optional[str] = None) -> None:
        if detail is not None and detail not in _REFUSALS:
            raise ValueError(f"{detail!r} is no refusal of RFC 5531; they are: {', '.join(sorted(_REFUSALS))}")
        super().__init__(what, help, detail)
        self.refusal = detail or ""
        # A server sends SYSTEM_ERR for a refusal without a name.
        self.may_have_been_executed = self.refusal in ("", "SYSTEM_ERR")


class Restarted(Error):
    """The device restarted during the call, which it may have executed. The next call works."""


class Disconnected(Error, ConnectionError):
    """The connection was lost during the call, which may have been executed. The next call connects again."""


class BadValue(Error, ValueError):
    """A value does not fit the interface, or a setting is wrong. Nothing was called."""

    path: str
    """The path to the value, such as ``history[3].time``."""

    def __init__(self, what: str, help: Sequence[str] = (), detail: Optional[str] = None) -> None:
        super().__init__(what, help, detail)
        self.path = detail or ""


class AddressInUse(BadValue, OSError):
    """The address, the socket or the port that a server was to serve is in use. Its ``errno`` is ``EADDRINUSE``."""

    def __init__(self, what: str, help: Sequence[str] = (), detail: Optional[str] = None) -> None:
        super().__init__(what, help, detail)
        self.errno = errno.EADDRINUSE


class BadReply(Error, ValueError):
    """The reply does not fit the interface. The call was executed."""

    path: str
    """The path to the value, such as ``history[3].time``."""

    def __init__(self, what: str, help: Sequence[str] = (), detail: Optional[str] = None) -> None:
        super().__init__(what, help, detail)
        self.path = detail or ""


class BadInterface(Error, ValueError):
    """The interface has errors, or the device does not send it."""


class _Unreadable(BadInterface, AttributeError):
    """The interface has errors or is not sent, so that it is not known which names are attributes."""


class UnknownName(Error, AttributeError):
    """The interface has no program, procedure or type of this name."""


class Closed(Error):
    """The device was closed, or belongs to the parent of this process."""
