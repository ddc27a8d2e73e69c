"""The commands of the guide's chapter print what it says, and the pages that they start open."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from typing import List, Tuple

from playwright.sync_api import Page, expect

from conftest import ONCILLA, ROOT, choose, outcome, press_call

CHAPTER = ROOT / "src/guide/web.md"


def shown() -> List[Tuple[str, List[str]]]:
    """The commands of the chapter, with the lines that they print."""
    blocks = re.findall(r"```console\n(.*?)```", CHAPTER.read_text(), re.DOTALL)
    commands: List[Tuple[str, List[str]]] = []
    for line in "".join(blocks).splitlines():
        if line.startswith("$ "):
            commands.append((line[2:], []))
        else:
            commands[-1][1].append(line)
    return commands


def code_of_the_chapter() -> List[str]:
    """The call of the chapter as a command, in Python and in Rust, without the lines that documentation hides."""
    _, section = CHAPTER.read_text().split("## A call as code\n")
    blocks = re.findall(r"```\S+\n(.*?)```", section, re.DOTALL)[:3]
    return ["\n".join(line for line in block.splitlines() if not line.startswith("# ")).strip() for block in blocks]


def code_of_the_page(page: Page) -> List[str]:
    choose(page, "rename")
    page.get_by_role("textbox", name="name").fill("cold room")
    page.get_by_text("As code").click()
    blocks = page.locator(".code pre")
    expect(blocks).to_have_count(3)
    return [text.strip() for text in blocks.all_inner_texts()]


def test_the_chapter_runs_as_written(page: Page) -> None:
    commands = shown()
    assert len(commands) >= 4
    running = []
    pages = []
    path = f"{os.path.dirname(ONCILLA)}:{os.environ['PATH']}"
    try:
        for command, lines in commands:
            process = subprocess.Popen(
                ["bash", "-c", f"exec {command.removesuffix(' &')}"],
                cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env={**os.environ, "PATH": path},
            )
            running.append(process)
            assert process.stdout is not None
            for line in lines:
                came = process.stdout.readline().rstrip("\n")
                expected = ".*".join(re.escape(part) for part in line.split("…"))
                assert re.fullmatch(expected, came), f"`{command}` prints {came!r}, and the chapter says {line!r}"
                pages += [came] if came.startswith("http://") else []
            if not command.endswith(" &"):
                process.wait(60)
        assert len(pages) == 3
        page.goto(pages[0])
        assert code_of_the_page(page) == code_of_the_chapter()
        for address in pages:
            page.goto("about:blank")
            page.goto(address)
            expect(page.get_by_role("heading", name="hall", exact=True)).to_be_visible()
            press_call(page)
            expect(outcome(page).locator(".took")).to_be_visible()
        expect(page.get_by_role("region", name="Panels of hall").get_by_role("meter", name="Hall")).to_be_visible()
    finally:
        for process in running:
            process.send_signal(signal.SIGINT)
            process.wait(60)
