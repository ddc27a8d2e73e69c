"""The classes of values, which are made from an interface when it is read."""

from __future__ import annotations

import dataclasses
import enum
import inspect
from typing import Any, Iterable, Iterator, Mapping, Sequence, Tuple

__all__ = ["Record", "Union", "rows"]


class _Value:
    """What structs and unions have in common."""

    def asdict(self) -> dict[str, Any]:
        """Returns the value as a dict, with dicts and lists for its parts."""
        plain = _plain(self)
        assert isinstance(plain, dict)
        return plain


class Record(_Value):
    """The base of structs: dataclasses with the fields of the file."""


class Union(_Value):
    """The base of unions: dataclasses with a ``case`` and its ``value``.

    ``case`` is a member of an enum, an integer or a bool; ``value`` is ``None`` for a void arm. The value is also an
    attribute with the name of the arm in the file, while its case is selected.
    """

    case: Any
    """What selects the value."""
    value: Any
    """The value of the case, or ``None``."""

    _arms: Mapping[str, Sequence[str]] = {}
    _others: str = ""

    def _get(self, name: str) -> Any:
        return Union.__getattr__(self, name)

    def __getattr__(self, name: str) -> Any:
        arms = type(self)._arms
        if name in arms and "case" in self.__dict__:
            if self._arm() == name:
                return self.value
            raise AttributeError(f"{type(self).__name__} has no {name!r}: its case is {self.case!r}")
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def _arm(self) -> str:
        """Returns the name of the arm that is selected."""
        case = self.case.name if isinstance(self.case, enum.Enum) else str(self.case)
        if isinstance(self.case, bool):
            case = case.lower()
        for name, cases in type(self)._arms.items():
            if case in cases:
                return name
        return type(self)._others

    def asdict(self) -> dict[str, Any]:
        """Returns the case by its name, and the value with the name of its arm."""
        case = self.case.name if isinstance(self.case, enum.Enum) else self.case
        return {"case": case, self._arm() or "value": _plain(self.value)}


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


def make_enum(name: str, members: Sequence[Tuple[str, int]], doc: str) -> type:
    """Makes an ``IntEnum``. Of several members with one number, the first names it."""
    make: Any = enum.IntEnum
    made: type = make(name or "Enum", list(members), module="oncilla_rpc.types")
    made.__doc__ = doc or f"The enum {name} of the interface."
    return made


def make_struct(name: str, fields: Sequence[Tuple[str, str, str, str]], optional: Sequence[bool], doc: str) -> type:
    """Makes the dataclass of a struct. ``fields`` are names in the file and in Python, types and comments."""
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
    comments = [f"{attribute}: {comment}" for _, attribute, _, comment in fields if comment]
    made = dataclasses.make_dataclass(name or "Struct", made_fields, bases=(Record,))
    made.__doc__ = "\n\n".join(part for part in (doc, "\n".join(comments)) if part) or f"The struct {name} of the interface."
    made.__module__ = "oncilla_rpc.types"
    return made


def make_union(name: str, selector: str, cases: Sequence[Tuple[str, str, str, str]], doc: str) -> type:
    """Makes the dataclass of a union. ``cases`` are cases, names of their arms, types and comments."""
    made = dataclasses.make_dataclass(
        name or "Union",
        [("case", selector), ("value", "object", dataclasses.field(default=None))],
        bases=(Union,),
    )
    lines = [f"{case}: {arm + ': ' if arm else ''}{annotation}" for case, arm, annotation, _ in cases]
    made.__doc__ = "\n\n".join(part for part in (doc, "The cases:\n" + "\n".join(lines)) if part)
    made.__module__ = "oncilla_rpc.types"
    arms: dict[str, list[str]] = {}
    for case, arm, _, _ in cases:
        # An arm with the name of an attribute of all unions is reached by `value`.
        if arm and arm not in ("case", "value", "asdict"):
            arms.setdefault(arm, []).append(case)
    made._arms = arms  # type: ignore[attr-defined]
    made._others = next((arm for case, arm, _, _ in cases if case == "default"), "")  # type: ignore[attr-defined]
    return made


def signature(line: str) -> inspect.Signature:
    """Returns the signature in the first line of a docstring: ``read(channel: int) -> Reading``."""
    inside, _, result = line.partition("(")[2].rpartition(") -> ")
    parameters = []
    for argument in filter(None, inside.split(", ")):
        name, _, annotation = argument.partition(": ")
        kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
        parameters.append(inspect.Parameter(name, kind, annotation=annotation))
    return inspect.Signature(parameters, return_annotation=result)
