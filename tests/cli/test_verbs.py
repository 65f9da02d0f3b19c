"""Exit codes, and what goes to stdout and stderr."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

import hwgen.training as hwgen_training
from hwgen import __version__
from hwgen.errors import ToolFailed, ToolMissing
from tests.cli.conftest import Hwgen
from tests.steps.conftest import Bench

VERBS = [
    "run", "train", "calibrate", "generate", "simulate", "report", "compare", "estimate", "explore", "synth",
    "import-reports", "init", "doctor", "schema"
]  # fmt: skip


def test_help_names_every_verb(hwgen: Hwgen) -> None:
    answer = hwgen("--help")
    assert answer.code == 0
    assert re.findall(r"^  ([a-z][a-z-]+)  +[A-Z]", answer.out, re.MULTILINE) == VERBS
    assert hwgen().out == answer.out


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help(hwgen: Hwgen, verb: str) -> None:
    answer = hwgen(verb, "--help")
    assert answer.code == 0
    assert answer.out.startswith(f"Usage: hwgen {verb}")


def test_help_loads_nothing_slow() -> None:
    code = (
        "import sys; from hwgen.cli import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "slow = {'numpy', 'pydantic', 'yaml', 'rich', 'sklearn', 'matplotlib', 'tensorflow', 'hls4ml'}\n"
        "print(sorted(slow & set(sys.modules)), file=sys.stderr)"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stderr == "[]\n"


def test_version(hwgen: Hwgen) -> None:
    assert hwgen("--version").out == f"hwgen {__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["foo"], "hwgen: No such command 'foo'; see hwgen --help"),
        (["run"], "hwgen: Missing argument 'RECIPE'; see hwgen --help"),
        (["run", "x.yaml", "--unheard"], "hwgen: No such option: --unheard; see hwgen --help"),
        (["run", "x.yaml", "--set"], "hwgen: Option '--set' requires an argument; see hwgen --help"),
        (["train", "x.yaml", "--types", "fast"], "hwgen: No such option: --types; see hwgen --help"),
        (["run", "none.yaml"], "hwgen: none.yaml: does not exist; write one with `hwgen init`"),
    ],
)
def test_wrong_usage_is_one_line_and_exit_code_2(hwgen: Hwgen, arguments: list[str], line: str) -> None:
    answer = hwgen(*arguments)
    assert (answer.code, answer.out, answer.err) == (2, "", line + "\n")


def test_a_run(hwgen: Hwgen, bench: Bench) -> None:
    answer = hwgen("run", bench.recipe, "--out", bench.out)
    assert answer.code == 0
    assert answer.out == f"report {bench.out}/report.html\n"
    assert answer.err.splitlines()[-5:] == [f"{step}: done" for step in VERBS[1:6]]
    again = hwgen("run", bench.recipe, "--out", bench.out)
    assert "train: nothing to do\n" in again.err


def test_json_is_all_there_is_on_stdout(hwgen: Hwgen, bench: Bench) -> None:
    (answer,) = [hwgen("run", bench.recipe, "--out", bench.out, "--json")]
    assert json.loads(answer.out) == json.loads((bench.out / "report.json").read_text())
    answer = hwgen("generate", bench.recipe, "--out", bench.out, "--json")
    assert json.loads(answer.out) == {
        "out": str(bench.out),
        "steps": [
            {"step": "train", "done": False, "passed": True, "model": "model"},
            {"step": "calibrate", "done": False, "passed": True, "calibration": "calibration.json"},
            {"step": "generate", "done": False, "passed": True, "firmware": "firmware", "edited_files": []},
        ],
    }


def test_set_and_force(hwgen: Hwgen, bench: Bench) -> None:
    arguments = ["train", bench.recipe, "--out", bench.out, "--set", "seed=4", "--set", "training.epochs=2"]
    assert hwgen(*arguments).code == 0
    assert hwgen(*arguments).code == 0
    assert bench.calls["train"] == 1
    hwgen(*arguments, "--force")
    assert bench.calls["train"] == 2
    assert "seed: 4" in (bench.out / "recipe.yaml").read_text()


def test_a_recipe_error_is_one_line_and_exit_code_2(hwgen: Hwgen, bench: Bench) -> None:
    answer = hwgen("run", bench.recipe, "--out", bench.out, "--set", "exits.budgt=1", "--json")
    assert answer.code == 2
    assert answer.err == "hwgen: exits.budgt: unknown key; did you mean 'budget'?\n"
    assert json.loads(answer.out) == {
        "error": "exits.budgt: unknown key; did you mean 'budget'?",
        "exit_code": 2,
    }


def test_mismatches_are_exit_code_1(hwgen: Hwgen, bench: Bench) -> None:
    bench.mismatches = 2
    answer = hwgen("simulate", bench.recipe, "--out", bench.out)
    assert answer.code == 1
    assert "hwgen: simulation: the firmware differs from the reference (logits 2)" in answer.err
    assert "simulate: failed" in answer.err
    assert hwgen("run", bench.recipe, "--out", bench.out).code == 1


def test_failed_checks_are_exit_code_1(hwgen: Hwgen, bench: Bench) -> None:
    bench.failed_checks = ["max_drop: measured 3 points, allowed 1"]
    answer = hwgen("run", bench.recipe, "--out", bench.out)
    assert answer.code == 1
    assert "hwgen: checks of the recipe failed: max_drop: measured 3 points, allowed 1\n" in answer.err


@pytest.mark.parametrize(
    ("error", "code", "lines"),
    [
        (
            ToolMissing("g++", "is not installed", "apt-get install g++"),
            3,
            ["hwgen: g++: is not installed; apt-get install g++"],
        ),
        (
            ToolFailed("g++", "stage1.cpp does not compile", "see above", "line 1\nline 2\n"),
            4,
            ["line 1", "line 2", "hwgen: g++: stage1.cpp does not compile; see above"],
        ),
        (
            KeyboardInterrupt(),
            130,
            ["hwgen: interrupted; what is there is whole, the same command goes on from it"],
        ),
    ],
)
def test_other_exit_codes(
    hwgen: Hwgen,
    bench: Bench,
    monkeypatch: pytest.MonkeyPatch,
    error: BaseException,
    code: int,
    lines: list[str],
) -> None:
    def fails(*_: object) -> None:
        raise error

    monkeypatch.setattr(hwgen_training, "train", fails)
    answer = hwgen("train", bench.recipe, "--out", bench.out)
    assert answer.code == code
    assert answer.err.splitlines()[-len(lines) :] == lines


def test_an_internal_error_is_one_line_and_a_file(
    hwgen: Hwgen, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise ZeroDivisionError("what nobody\nthought of")

    monkeypatch.setattr(hwgen_training, "train", fails)
    answer = hwgen("train", bench.recipe, "--out", bench.out)
    assert answer.code == 5
    found = re.search(
        r"^hwgen: internal error: ZeroDivisionError: what nobody thought of; traceback in (.+)$",
        answer.err,
        re.MULTILINE,
    )
    assert found
    log = Path(found.group(1))
    assert "ZeroDivisionError" in log.read_text()
    log.unlink()
    answer = hwgen("train", bench.recipe, "--out", bench.out, "--debug")
    assert answer.code == 5
    assert "Traceback" in answer.err


def test_data_warnings_reach_the_user_once(hwgen: Hwgen, bench: Bench) -> None:
    answer = hwgen(
        "generate",
        bench.recipe,
        "--out",
        bench.out,
        "--set",
        "data.input={bits: 8, integer: -2, signed: true}",
    )
    assert answer.code == 0
    assert answer.err.count("warning: data.input: ") == 1


def test_progress_is_for_terminals_only(
    hwgen: Hwgen, bench: Bench, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from hwgen.cli.console import Console

    console = Console()
    console.progress("training", 1, 2)
    assert capsys.readouterr() == ("", "")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    console.progress("training", 1, 2)
    console.info("a line [in] between")
    console.progress("training", 2, 2)
    console.close()
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "a line [in] between" in captured.err


def test_schema(hwgen: Hwgen) -> None:
    schema = json.loads(hwgen("schema").out)
    assert {"name", "data", "network"} <= set(schema["required"])
