"""The classes of values, which are made from an interface when it is read."""

from __future__ import annotations

import copyreg
import dataclasses
import enum
import functools
import inspect
from typing import Any, Callable, Iterable, Iterator, Mapping, Sequence, Tuple, TypeVar, cast

__all__ = ["Record", "Union", "rows"]


class _Value:
    """What structs and unions have in common.

    Values are equal if their classes have the same name and fields, and their fields are equal: two devices with one
    interface, and a generated module, each have a class of a type.
    """

    # A value can be changed.
    __hash__ = None  # type: ignore[assignment]

    def __eq__(self, other: object) -> bool:
        mine, others = _names(type(self)), _names(type(other))
        if not others or type(self).__name__ != type(other).__name__ or mine != others:
            return NotImplemented
        return tuple(getattr(self, name) for name in mine) == tuple(getattr(other, name) for name in mine)

    def asdict(self) -> dict[str, Any]:
        """Returns the value as a dict, with dicts and lists for its parts."""
        plain = _plain(self)
        assert isinstance(plain, dict)
        return plain


class Record(_Value):
    """The base of structs: dataclasses with the fields of the file."""


def _names(cls: type) -> Tuple[str, ...]:
    """Returns the names of the fields of a dataclass, or none."""
    return tuple(getattr(cls, "__dataclass_fields__", ()))


class Union(_Value):
    """The base of unions: dataclasses with a ``case`` and its ``value``.

    ``case`` is a member of an enum, an integer or a bool; ``value`` is ``None`` for a void arm. The value is also an
    attribute with the name of the arm in the file, while its case is selected. A void case has no such attribute.
    """

    case: Any
    """What selects the value."""
    value: Any
    """The value of the case, or ``None``."""

    _arms: Mapping[str, Sequence[str]] = {}
    _others: str = ""
    # The void cases, which are not of the default arm.
    _void: Sequence[str] = ()

    def _get(self, name: str) -> Any:
        return Union.__getattr__(self, name)

    def __getattr__(self, name: str) -> Any:
        arms = type(self)._arms
        if name in arms and "case" in self.__dict__:
            if self._arm() == name:
                return self.value
            raise AttributeError(f"{type(self).__name__} has no {name!r}: its case is {self.case!r}")
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def __dir__(self) -> list[str]:
        # The name of the arm is found by `__getattr__`.
        return sorted({*super().__dir__(), *({self._arm()} & set(type(self)._arms))})

    def _arm(self) -> str:
        """Returns the name of the arm that is selected."""
        case = self.case.name if isinstance(self.case, enum.Enum) else str(self.case)
        if isinstance(self.case, bool):
            case = case.lower()
        for name, cases in type(self)._arms.items():
            if case in cases:
                return name
        return "" if case in type(self)._void else type(self)._others

    def asdict(self) -> dict[str, Any]:
        """Returns the case by its name, and the value with the name of its arm. A void case has no value."""
        case = self.case.name if isinstance(self.case, enum.Enum) else self.case
        arm = self._arm()
        if not arm and self.value is None:
            return {"case": case}
        return {"case": case, arm or "value": _plain(self.value)}


def _plain(value: Any) -> Any:
    """Returns a value of dicts, lists and simple values. An enum is its name."""
    if isinstance(value, Union):
        return value.asdict()
    if isinstance(value, Record):
        fields = dataclasses.fields(value)  # type: ignore[arg-type]
        return {field.name: _plain(getattr(value, field.name)) for field in fields}
    if isinstance(value, enum.Enum):
        return value.name
    if isinstance(value, list):
        return [_plain(element) for element in value]
    return value


def rows(results: Iterable[Any]) -> list[dict[str, Any]]:
    """Returns results as the rows of a table: dicts with simple values.

    A field of a struct in a struct is a column such as ``position.x``. ``pandas.DataFrame(rows(results))`` takes them.
    """
    table = []
    for result in results:
        plain = _plain(result)
        table.append(dict(_columns("", plain)) if isinstance(plain, dict) else {"value": plain})
    return table


def _columns(prefix: str, value: Mapping[str, Any]) -> Iterator[Tuple[str, Any]]:
    for name, part in value.items():
        if isinstance(part, dict):
            yield from _columns(f"{prefix}{name}.", part)
        else:
            yield prefix + name, part


# Interfaces with equal types share classes. The number is bounded: a device may describe itself anew for ever.
_CLASSES_MAX = 4096

_Row = Tuple[str, str, str, str]
_Make = TypeVar("_Make", bound=Callable[..., type])


def _kept(make: _Make) -> _Make:
    """Keeps the classes that a function makes."""
    return cast(_Make, functools.lru_cache(_CLASSES_MAX)(make))


def make_enum(name: str, members: Sequence[Tuple[str, int]], doc: str) -> type:
    """Makes an ``IntEnum``. Of several members with one number, the first names it."""
    return _enum(name or "Enum", tuple(members), doc)


def make_struct(name: str, fields: Sequence[_Row], optional: Sequence[bool], doc: str) -> type:
    """Makes the dataclass of a struct. ``fields`` are names in the file and in Python, types and comments."""
    return _struct(name or "Struct", tuple(fields), tuple(optional), doc)


def make_union(name: str, selector: str, cases: Sequence[_Row], doc: str) -> type:
    """Makes the dataclass of a union. ``cases`` are cases, names of their arms, types and comments."""
    return _union(name or "Union", selector, tuple(cases), doc)


@_kept
def _enum(name: str, members: Tuple[Tuple[str, int], ...], doc: str) -> type:
    make: Any = enum.IntEnum
    made: Any = make(name, list(members), module="oncilla_rpc.types")
    made.__doc__ = doc or f"The enum {name} of the interface."
    description = ("enum", name, members, doc)
    made.__reduce_ex__ = lambda self, protocol: (_member, (description, int(self)))
    return made  # type: ignore[no-any-return]


@_kept
def _struct(name: str, fields: Tuple[_Row, ...], optional: Tuple[bool, ...], doc: str) -> type:
    # After a field that may be left out, all have a default: only the last ones are optional.
    first = len(optional)
    while first and optional[first - 1]:
        first -= 1
    made_fields: list[Any] = []
    for index, (_, attribute, annotation, _) in enumerate(fields):
        if index < first:
            made_fields.append((attribute, annotation))
        elif annotation.startswith("list"):
            made_fields.append((attribute, annotation, dataclasses.field(default_factory=list)))
        else:
            made_fields.append((attribute, annotation, dataclasses.field(default=None)))
    made: Any = dataclasses.make_dataclass(name, made_fields, bases=(Record,), eq=False)
    comments = [f"{attribute}: {comment}" for _, attribute, _, comment in fields if comment]
    made.__doc__ = "\n\n".join(part for part in (doc, "\n".join(comments)) if part) or f"The struct {name} of the interface."
    made.__module__ = "oncilla_rpc.types"
    made.__reduce__ = _reducer(made, ("struct", name, fields, optional, doc))
    return made  # type: ignore[no-any-return]


@_kept
def _union(name: str, selector: str, cases: Tuple[_Row, ...], doc: str) -> type:
    fields: list[Any] = [("case", selector), ("value", "object", dataclasses.field(default=None))]
    made: Any = dataclasses.make_dataclass(name, fields, bases=(Union,), eq=False)
    lines = [f"{case}: {arm + ': ' if arm else ''}{annotation}" for case, arm, annotation, _ in cases]
    made.__doc__ = "\n\n".join(part for part in (doc, "The cases:\n" + "\n".join(lines)) if part)
    made.__module__ = "oncilla_rpc.types"
    arms: dict[str, list[str]] = {}
    for case, arm, _, _ in cases:
        # An arm `value` is the attribute of all unions.
        if arm and arm != "value":
            arms.setdefault(arm, []).append(case)
    made._arms = arms
    made._others = next((arm for case, arm, _, _ in cases if case == "default"), "")
    made._void = tuple(case for case, arm, _, _ in cases if not arm)
    made.__reduce__ = _reducer(made, ("union", name, selector, cases, doc))
    return made  # type: ignore[no-any-return]


# Pickle imports classes by their modules, and the module of these is none: a pickled value has the description of its
# class, from which the process that reads it makes the class.
_MAKE: Mapping[str, Callable[..., type]] = {"enum": _enum, "struct": _struct, "union": _union}


def _reducer(made: type, description: Tuple[Any, ...]) -> Callable[[Any], Tuple[Any, ...]]:
    def reduce(self: Any) -> Tuple[Any, ...]:
        if type(self) is made:
            return _empty, (description,), self.__dict__
        # A class that extends this one is imported as any other.
        return copyreg.__newobj__, (type(self),), self.__dict__  # type: ignore[attr-defined]

    return reduce


def _empty(description: Tuple[Any, ...]) -> Any:
    """Makes a value without attributes, which pickle sets."""
    cls: Any = _MAKE[description[0]](*description[1:])
    return cls.__new__(cls)


def _member(description: Tuple[Any, ...], number: int) -> Any:
    """Makes a member of an enum."""
    return _MAKE[description[0]](*description[1:])(number)


def signature(line: str) -> inspect.Signature:
    """Returns the signature in the first line of a docstring: ``read(channel: int) -> Reading``."""
    inside, _, result = line.partition("(")[2].rpartition(") -> ")
    parameters = []
    for argument in filter(None, inside.split(", ")):
        name, _, annotation = argument.partition(": ")
        kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
        parameters.append(inspect.Parameter(name, kind, annotation=annotation))
    return inspect.Signature(parameters, return_annotation=result)
