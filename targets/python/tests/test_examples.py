"""The examples, as a user runs them."""

from __future__ import annotations

import pathlib
import shutil
import subprocess
import sys
from typing import Any, Callable

import pytest

import oncilla_rpc as oncilla
from conftest import SENSOR_X

EXAMPLES = pathlib.Path(__file__).parent.parent / "examples"


class Sensor:
    def read(self, channel: int) -> Any:
        return {"STATUS_OK": {"time": 7, "value": 21500 + channel}}

    def history(self, channel: int) -> Any:
        return [(time, 21000 + 100 * time) for time in range(channel)]


@pytest.fixture
def target(oncilla_serve: Callable[..., oncilla.Server]) -> str:
    return oncilla_serve(SENSOR_X, Sensor()).target


def run(example: str, *arguments: Any) -> str:
    command = [sys.executable, str(EXAMPLES / example), *map(str, arguments)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=120, check=True)
    return done.stdout


def test_first(target: str) -> None:
    programs, reading, several, many, error, *_ = run("first.py", target).splitlines()
    assert "sensor" in programs and reading == "STATUS_OK 21.5"
    assert several == str(["STATUS_OK"] * 4) and many == "100 of 100"
    assert "at most 16 bytes" in error


def test_stand_in() -> None:
    assert run("stand_in.py", SENSOR_X) == "Sample(time=7, value=21501)\nGARBAGE_ARGS\n"


def test_asynchronous(target: str) -> None:
    assert run("asynchronous.py", target) == "[21500, 21501]\n"


def test_plot(target: str, tmp_path: pathlib.Path) -> None:
    picture = tmp_path / "history.png"
    assert run("plot.py", target, picture) == "21.7\n"
    assert picture.read_bytes().startswith(b"\x89PNG") and picture.stat().st_size > 5000


def test_plot_of_nothing(oncilla_serve: Callable[..., oncilla.Server], tmp_path: pathlib.Path) -> None:
    class New(Sensor):
        def history(self, channel: int) -> Any:
            return []

    command = [sys.executable, str(EXAMPLES / "plot.py"), oncilla_serve(SENSOR_X, New()).target, str(tmp_path / "none.png")]
    done = subprocess.run(command, stderr=subprocess.PIPE, text=True, timeout=120)
    assert (done.returncode, done.stderr) == (1, "the sensor has stored no measurements\n")


def test_more(target: str) -> None:
    *_, sample, case = run("more.py", target).splitlines()
    assert (sample, case) == ("{'time': 7, 'value': 21500} 2", "STATUS_OK")


def test_fixture(tmp_path: pathlib.Path) -> None:
    shutil.copy(SENSOR_X, tmp_path)
    shutil.copy(EXAMPLES / "pytest_fixture.py", tmp_path / "test_sensor.py")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--rootdir={tmp_path}", str(tmp_path)]
    done = subprocess.run(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True, timeout=120, check=True)
    assert "1 passed" in done.stdout


def test_notebook(target: str, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import nbclient
    import nbformat

    monkeypatch.setenv("SENSOR", target)
    # Jupyter keeps files of its own.
    for variable in ("HOME", "IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR"):
        monkeypatch.setenv(variable, str(tmp_path))
    notebook = nbformat.read(EXAMPLES / "sensor.ipynb", as_version=4)  # type: ignore[no-untyped-call]
    nbclient.NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    pictures = [output for output in outputs if "image/png" in output.get("data", {})]
    assert len(pictures) == 1
    assert any("21.7" in str(output.get("data", {})) for output in outputs)


def test_completion_in_ipython(device: oncilla.Device) -> None:
    from IPython.core.completer import provisionalcompleter
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell.instance()
    shell.user_ns.update(device=device, sensor=device.sensor)
    with provisionalcompleter():
        names = {completion.text for completion in shell.Completer.completions("sensor.re", 9)}
        programs = {completion.text for completion in shell.Completer.completions("device.sen", 10)}
        keys = {completion.text for completion in shell.Completer.completions('device["sen', 11)}
        procedures = {completion.text for completion in shell.Completer.completions('sensor["re', 10)}
    assert names == {"read", "rename"} and "sensor" in programs
    assert "rename" in dir(device.sensor) and "sensor" in dir(device)
    assert any("sensor" in key for key in keys) and any("rename" in name for name in procedures)
    assert "rename" in dir(device.aio.sensor)
