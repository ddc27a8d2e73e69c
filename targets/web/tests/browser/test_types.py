"""Every type of the suite, entered by the form, has the results of the command."""

from __future__ import annotations

import json
import random
import subprocess
from typing import Any, Callable, Dict, List, Tuple

from playwright.sync_api import Page, expect

from boards import Board
from conftest import DESCRIBE, ONCILLA, ROOT, SUITE_X, Running, choose, outcome, press_call
from values import enter, exact, make

#: The number of random calls.
CALLS = 100

#: Procedures whose results depend on nothing but their arguments.
PURE = ["suite.subtract", "suite.echo", "suite_types.", "suite_bulk."]


def by_command(target: str, calls: List[Dict[str, Any]]) -> List[Any]:
    """The results of calls by the command, from firmware behind the same bridge."""
    lines = "".join(json.dumps(call) + "\n" for call in calls)
    words = [ONCILLA, "-t", target, "-x", SUITE_X, "--json", "call", "-"]
    done = subprocess.run(words, cwd=ROOT, input=lines, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr + done.stdout
    return [json.loads(line)["result"] for line in done.stdout.splitlines()]


def by_form(page: Page, description: Any, count: int) -> Tuple[List[Dict[str, Any]], List[Any]]:
    """Random calls, entered by the form, and their results."""
    types = description["types"]
    every = [
        procedure
        for program in description["programs"]
        for version in program["versions"]
        for procedure in version["procedures"]
        if any(procedure["name"].startswith(name) for name in PURE)
    ]
    rng = random.Random(1)
    calls, seen = [], []
    for number in range(count):
        # Each procedure at least once.
        procedure = every[number] if number < len(every) else rng.choice(every)
        arguments = {
            argument["name"]: make(types, argument["type"], rng, 3) for argument in procedure["arguments"]
        }
        name = procedure["name"]
        page.get_by_role("searchbox", name="Filter").fill(name)
        choose(page, name.split(".")[1])
        for argument in procedure["arguments"]:
            enter(page, types, argument["type"], argument["name"], arguments[argument["name"]])
        press_call(page)
        expect(outcome(page).locator(".took")).to_be_visible()
        calls.append({"call": name, "arguments": arguments})
        seen.append(json.loads(outcome(page).get_attribute("data-results") or "null"))
    # With that many calls, each procedure is called.
    assert len(calls) < len(every) or {call["call"] for call in calls} == {procedure["name"] for procedure in every}
    return calls, seen


def test_random_calls_by_the_form_equal_those_of_the_command(
    page: Page, web: Callable[..., str], board: Callable[[str], Board], start: Callable[..., Running]
) -> None:
    # The firmware's line is shared by page and command.
    bridge = start("bridge", board("suite").target, "tcp://127.0.0.1:0")
    target = bridge.first["listening"]
    page.goto(web("-x", SUITE_X, target))
    expect(page.get_by_role("navigation").get_by_role("button", name="subtract")).to_be_visible()
    description = page.evaluate(DESCRIBE)
    calls, seen = by_form(page, description, CALLS)
    for call, results, expected in zip(calls, seen, by_command(target, calls)):
        assert exact(results) == exact(expected), call
