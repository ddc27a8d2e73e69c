"""Fixtures for pytest, which loads them when the package is installed."""

from __future__ import annotations

import contextlib
from typing import Any, Callable, Iterator

import pytest

from ._device import Device, connect
from ._server import Server

__all__ = ["oncilla_connect", "oncilla_serve"]


@pytest.fixture
def oncilla_serve() -> Iterator[Callable[..., Server]]:
    """Starts servers that stop at the end of the test: ``oncilla_serve("oven.x", Oven())``."""
    with contextlib.ExitStack() as stack:

        def serve(interface: Any, implementation: object, **options: Any) -> Server:
            return stack.enter_context(Server(interface, implementation, **options))

        yield serve


@pytest.fixture
def oncilla_connect() -> Iterator[Callable[..., Device]]:
    """Connects to devices that are closed at the end of the test: ``oncilla_connect("tcp://oven.local:20049")``."""
    with contextlib.ExitStack() as stack:

        def to(target: str, **options: Any) -> Device:
            return stack.enter_context(connect(target, **options))

        yield to
