"""One run at a time per folder; what killed runs leave is removed; what is there is whole."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import hwgen.training
from hwgen.errors import ExitCode, UsageError
from hwgen.steps.folder import OutFolder
from tests.steps.conftest import Bench

HOLD = """
import sys
from pathlib import Path
from hwgen.steps.folder import OutFolder
with OutFolder(Path(sys.argv[1])).locked():
    print("locked", flush=True)
    sys.stdin.read()
"""


def hold(folder: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "locked\n"
    return process


def test_a_second_run_is_refused_until_the_first_ends(bench: Bench) -> None:
    other = hold(bench.out)
    with pytest.raises(UsageError) as caught:
        bench.run("run")
    assert caught.value.exit_code == ExitCode.USAGE
    assert str(caught.value) == (
        f"{bench.out}: in use by another run (process {other.pid}); wait for it or choose another --out"
    )
    other.communicate("")
    bench.run("train")


def test_a_killed_run_holds_no_lock(bench: Bench) -> None:
    other = hold(bench.out)
    other.send_signal(signal.SIGKILL)
    other.wait()
    bench.run("train")


def test_what_killed_runs_left_is_removed(bench: Bench) -> None:
    bench.run("simulate")
    left = [".model.ab12cd_9", ".firmware.old.ab12cd_9", ".simulation.abcdefgh"]
    for name in left:
        (bench.out / name / "sub").mkdir(parents=True)
    files = [".calibration.json.ab12cd_9", "model/.network.npz.abcdefgh", "simulation/.kernel.npz.abcdefgh"]
    for name in files:
        (bench.out / name).write_text("half")
    own = bench.out / "firmware" / ".my_notes.abcdefgh"
    own.write_text("mine")
    keep = [bench.out / "notes.txt", bench.out / ".hidden", bench.out / ".bashrc.original", own]
    for path in keep:
        path.write_text("mine")
    bench.run("train")
    assert not any((bench.out / name).exists() for name in left + files)
    assert all(path.read_text() == "mine" for path in keep)


@pytest.mark.parametrize("place", ["file/out", "file"])
def test_a_folder_that_cannot_be_written(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(UsageError, match="cannot be written .*; choose another --out"),
        OutFolder(tmp_path / place).locked(),
    ):
        pass


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(UsageError, match="cannot be written"), OutFolder(tmp_path / "out").locked():
        pass


def test_a_step_that_fails_leaves_nothing_half_done(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = hwgen.training.train

    def dies(loaded: object, data: object, folder: Path, progress: object) -> None:
        (folder / "network.json").write_text("half")
        raise KeyboardInterrupt

    monkeypatch.setattr(hwgen.training, "train", dies)
    with pytest.raises(KeyboardInterrupt):
        bench.run("run")
    assert sorted(path.name for path in bench.out.iterdir()) == [".lock", "recipe.yaml"]
    monkeypatch.setattr(hwgen.training, "train", whole)
    assert len(bench.done("run")) == 5


def test_a_retraining_that_fails_keeps_the_network_that_is_there(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.run("train")
    before = (bench.out / "model" / "network.npz").read_bytes()

    def dies(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(hwgen.training, "train", dies)
    with pytest.raises(RuntimeError):
        bench.run("train", force=True)
    assert (bench.out / "model" / "network.npz").read_bytes() == before


def test_a_folder_called_model_that_is_not_ours_is_not_replaced(bench: Bench) -> None:
    precious = bench.out / "model" / "thesis.txt"
    precious.parent.mkdir(parents=True)
    precious.write_text("mine")
    with pytest.raises(
        UsageError, match="model: holds files that are no trained network; choose another --out"
    ):
        bench.run("run")
    assert precious.read_text() == "mine"


def test_an_invalid_recipe_touches_nothing(bench: Bench) -> None:
    from hwgen.errors import RecipeError

    for override in ("exits.budgt=1", "exits.criterion=scor", "exits.abstain={rate: 0.1, criterion: x}"):
        with pytest.raises(RecipeError):
            bench.run("run", override)
        assert not (bench.out / "recipe.yaml").exists()
        assert not (bench.out / "model").exists()


def test_without_a_compiler_nothing_slow_starts(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    from hwgen.errors import ToolMissing

    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("CXX", raising=False)
    with pytest.raises(ToolMissing, match="apt-get install g"):
        bench.run("run")
    assert bench.calls["train"] == 0
    assert bench.done("generate") == ["train", "calibrate", "generate"]


def test_mismatches_and_failed_checks_do_not_pass(bench: Bench) -> None:
    bench.mismatches = 3
    results = bench.run("run")
    assert not results["simulate"].passed
    assert results["simulate"].problem == (
        "simulation: the firmware differs from the reference (logits 3); "
        f"see {bench.out}/simulation/mismatches.json"
    )
    assert results["report"].passed
    assert not bench.run("simulate")["simulate"].passed  # resumed, and still not right
    bench.mismatches = 0
    bench.failed_checks = ["max_drop: 3 > 1"]
    results = bench.run("run", force=True)
    assert results["simulate"].passed
    assert not (bench.out / "simulation" / "mismatches.json").exists()
    assert results["report"].problem == "checks of the recipe failed: max_drop: 3 > 1"
