import inspect
import logging
import os
from typing import Any, Callable, Dict, Iterable, List, Optional, Tuple, Union, final

__all__ = [
    "Called",
    "Calls",
    "Cancel",
    "Future",
    "Interface",
    "Link",
    "Procedure",
    "Serving",
    "__version__",
    "generate",
    "ports",
    "search",
]

__version__: str

_Procedure = Tuple[int, str, str]
_Version = Tuple[int, str, str, List[_Procedure]]
_Usb = Tuple[str, int, int, Optional[str], Optional[str], Optional[str]]

@final
class Interface:
    """An interface: programs, procedures and types of a ``.x`` file or of a device."""

    @staticmethod
    def read(path: Union[str, os.PathLike[str]], payload: str = "xdr") -> Interface:
        """Reads the interface of a ``.x`` file."""
    @staticmethod
    def parse(text: str, classes: Optional[Dict[str, type]] = None, payload: str = "xdr") -> Interface:
        """Reads the interface of a text."""
    def programs(self) -> List[Tuple[int, str, str, str, List[_Version]]]:
        """The programs: number, name in Python, name in the file, comment and versions of each."""
    def classes(self) -> Dict[str, Any]:
        """The classes of the types, by their names in the file."""

@final
class Link:
    """A device: its connection, which threads share, and its interface."""

    @staticmethod
    def connect(target: str, options: Dict[str, Any], logger: logging.Logger) -> Link:
        """Connects to a device."""
    @property
    def target(self) -> str:
        """The target in full, such as ``tcp://oven.local:20049``."""
    @property
    def closed(self) -> bool:
        """Whether the device was closed."""
    def interface(self) -> Interface:
        """The interface: that of the file, or that of the device, which is asked once."""
    def with_interface(self, interface: Interface) -> Link:
        """The same device with another interface."""
    def procedure(self, program: int, version: int, procedure: int) -> Procedure:
        """A procedure of the interface, by its numbers."""
    def null(self, program: int, version: int) -> None:
        """Calls procedure 0 of a program, which every server answers."""
    def check(self) -> None:
        """Raises ``Closed`` if the device was closed, or belongs to the parent of this process."""
    def keep(self, thing: object) -> None:
        """Keeps an object as long as the device lives."""
    def close(self) -> None:
        """Closes the connection. Calls of other threads, and calls in flight, raise ``Closed``."""

@final
class Procedure:
    """A procedure of a device. Call it with its arguments, by position or by name.

    ``timeout=`` and ``retries=`` are options of one call, unless the interface has arguments of these names. On UDP and
    serial ports, a call without a reply is sent again: a device executes it once if it remembers its replies, as those of
    this project do. ``retries=0`` sends it once. On TCP ``retries`` has no effect.
    """

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Calls the procedure and waits for its results."""
    def cast(self, *args: Any, **kwargs: Any) -> None:
        """Sends a one-way call: does not wait, and has no results."""
    def start(self, *args: Any, **kwargs: Any) -> Future:
        """Starts a call and returns its ``Future``, without waiting for the reply."""
    def start_together(self, *args: Any, **kwargs: Any) -> Future:
        """Starts a call as ``start`` does, and may send it together with those that follow, within some milliseconds."""
    def map(self, items: Iterable[Any], *, in_flight: int = 64, return_exceptions: bool = False) -> List[Any]:
        """Makes a call for each item, with at most ``in_flight`` calls at a time. Returns the results in the order of the items.

        An item is the argument. If the procedure has several arguments or none, it is a tuple or a dict of them. The first
        error in the order of the items is raised. Its ``index`` is the number of the item, from 0. Calls for later items may
        have been executed. With ``return_exceptions``, an error takes the place of its result. What the items raise, Ctrl-C and
        ``close`` end it at once.
        """
    def with_options(self, *, timeout: Optional[float] = None, retries: Optional[int] = None) -> Procedure:
        """Returns the procedure with other options for its calls."""
    @property
    def __name__(self) -> str: ...
    @property
    def __qualname__(self) -> str: ...
    @property
    def __signature__(self) -> inspect.Signature: ...
    @property
    def id(self) -> Tuple[int, int, int]:
        """The numbers of program, version and procedure."""

@final
class Future:
    """A call in flight, made by ``oven.in_flight()``."""

    def result(self, timeout: Optional[float] = None) -> Any:
        """Waits for the results of the call, and returns them."""
    def done(self) -> bool:
        """Returns whether the call has results or has failed."""
    def exception(self, timeout: Optional[float] = None) -> Optional[BaseException]:
        """Waits for the call, and returns its exception, or ``None`` if it has results."""

def ports() -> List[Tuple[str, Optional[_Usb]]]:
    """Returns the serial ports of this machine."""

def search(program: int, version: int, seconds: float) -> List[str]:
    """Returns the addresses of servers of a program on the local networks, which answer within a time."""

def generate(path: Union[str, os.PathLike[str]]) -> str:
    """Returns the Python module of a ``.x`` file, as ``oncilla-rpcgen --language python`` writes it."""

@final
class Cancel:
    """Cancels the calls that a thread makes in a ``with`` block, from another thread."""

    def cancel(self) -> None:
        """Ends the wait of the present call, and of later ones in the block, within 50 ms."""
    def __enter__(self) -> None: ...
    def __exit__(self, *_error: object) -> None: ...

@final
class Called:
    """A call that a method answers."""

    @property
    def name(self) -> str:
        """The name of the procedure with that of its program, such as ``oven.read``."""
    @property
    def numbers(self) -> Tuple[int, int, int]:
        """The numbers of program, version and procedure."""
    @property
    def arguments(self) -> Tuple[Any, ...]:
        """The arguments."""
    def answer(self, results: Any, refusal: Optional[str], is_silent: bool) -> None:
        """Answers the call: with results, a refusal by its name, or no reply."""

@final
class Calls:
    """Waits for the calls of a server."""

    def next(self) -> Optional[Called]:
        """Waits for a call. Returns ``None`` when the server has ended."""

@final
class Serving:
    """A running server."""

    @staticmethod
    def start(interface: Interface, places: List[str], options: Dict[str, Any]) -> Serving:
        """Starts to serve an interface at places."""
    def calls(self) -> Calls:
        """What waits for the calls of the server, for one thread."""
    @property
    def targets(self) -> List[str]:
        """The targets by which the server is called."""
    @property
    def stopped(self) -> bool:
        """Whether the server was stopped."""
    def stop(self, timeout: Optional[float] = None) -> bool:
        """Stops the server, and waits for the method that runs. Returns whether it has ended."""
