"""Random values of the types of a description, and how a person enters them in a form."""

from __future__ import annotations

import math
import random
import struct
from typing import Any, Dict, List

from playwright.sync_api import Page

Types = List[Dict[str, Any]]

#: The largest integer that a number of JavaScript has exactly.
EXACT = 2**53 - 1

LETTERS = "abcXYZ 019.,:;'\"\\<>&{}[]é°ß漢🌡\n\t"


def number(rng: random.Random, low: int, high: int) -> int:
    edges = [low, high, 0, 1, -1, low + 1, high - 1]
    value = rng.choice(edges) if rng.random() < 0.4 else rng.randint(low, high)
    return min(max(value, low), high)


def real(rng: random.Random, form: str) -> Any:
    if rng.random() < 0.2:
        return rng.choice(["NaN", "Infinity", "-Infinity", -0.0])
    size = struct.calcsize(form)
    while True:
        value = float(struct.unpack(form, rng.randbytes(size))[0])
        if math.isfinite(value):
            return value


def text(rng: random.Random, most: int) -> str:
    made = ""
    while rng.random() < 0.9:
        longer = made + rng.choice(LETTERS)
        if len(longer.encode()) > most:
            break
        made = longer
    return made


def make(types: Types, place: int, rng: random.Random, depth: int = 0) -> Any:
    """A random value of a type."""
    type_ = types[place]
    kind = type_["kind"]
    if kind == "bool":
        return rng.random() < 0.5
    if kind == "integer":
        return number(rng, int(type_["low"]), int(type_["high"]))
    if kind in ("float", "double"):
        return real(rng, ">f" if kind == "float" else ">d")
    if kind == "text":
        return text(rng, min(type_["max"] or 40, 40))
    if kind == "opaque":
        most = type_["max"] if type_["max"] is not None else 40
        return rng.randbytes(rng.randint(type_["min"], max(type_["min"], min(most, 40)))).hex()
    if kind in ("array", "optional"):
        most = min(type_["max"] or 3, 3) if type_["min"] != type_["max"] else type_["max"]
        count = 0 if depth > 6 else rng.randint(type_["min"], max(most, type_["min"]))
        if kind == "optional":
            return make(types, type_["element"], rng, depth + 1) if count else None
        return [make(types, type_["element"], rng, depth + 1) for _ in range(max(count, type_["min"]))]
    if kind == "enum":
        return rng.choice(type_["members"])["name"]
    if kind == "struct":
        return {field["name"]: make(types, field["type"], rng, depth + 1) for field in type_["fields"]}
    assert kind == "union", kind
    arms = [(case["name"], case["type"]) for case in type_["cases"]]
    if type_["default"] and types[type_["discriminant"]]["kind"] == "integer":
        arms.append((str(rng.randint(1000, 100000)), type_["default"]["type"]))
    name, inner = rng.choice(arms)
    return {name: None if inner is None else make(types, inner, rng, depth + 1)}


def enter(page: Page, types: Types, place: int, path: str, value: Any) -> None:
    """Enters a value in the inputs of a form."""
    type_ = types[place]
    kind = type_["kind"]

    def at(path: str) -> Any:
        escaped = path.replace("\\", "\\\\").replace('"', '\\"')
        return page.locator(f'[data-path="{escaped}"]')

    if kind == "bool":
        at(path).set_checked(value)
    elif kind == "enum":
        at(path).select_option(value)
    elif kind in ("integer", "float", "double", "text", "opaque"):
        at(path).fill(value if isinstance(value, str) else repr(value))
    elif kind == "optional":
        at(f"{path}?").set_checked(value is not None)
        if value is not None:
            enter(page, types, type_["element"], path, value)
    elif kind == "array":
        for index, part in enumerate(value):
            if index >= type_["min"]:
                at(f"{path}+").click()
            enter(page, types, type_["element"], f"{path}[{index}]", part)
    elif kind == "struct":
        for field in type_["fields"]:
            enter(page, types, field["type"], f"{path}.{field['name']}", value[field["name"]])
    else:
        ((name, inner),) = value.items()
        cases = {case["name"]: case["type"] for case in type_["cases"]}
        at(path).select_option(name if name in cases else "#number")
        if name not in cases:
            at(f"{path}#").fill(name)
        arm = cases[name] if name in cases else type_["default"]["type"]
        if arm is not None:
            enter(page, types, arm, f"{path}.{name}", inner)


def exact(value: Any) -> Any:
    """A result in the form in which two are compared: as the page has it, in which 2.0 and 2 are the same, and -0.0 and 0 are not."""
    if isinstance(value, (list, tuple)):
        return [exact(part) for part in value]
    if isinstance(value, dict):
        return {name: exact(part) for name, part in value.items()}
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return value
    if isinstance(value, int) and abs(value) > EXACT:
        return str(value)
    return math.copysign(0.5, value) if value == 0 else float(value)
