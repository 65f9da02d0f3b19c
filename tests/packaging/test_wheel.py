"""The wheel brings everything along and gets in nobody's way.

It is built, installed with all its dependencies into an empty environment, and run from a folder
that has `models/` and `sim/` of its own.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from hwgen.files import write_atomic
from hwgen.reference.storage import save_network
from hwgen.steps import open_job
from hwgen.steps.train import STAMP, stamp_text, train_key
from tests.networks import tabular
from tests.steps.conftest import Bench

ROOT = Path(__file__).resolve().parents[2]
CONSTRAINTS = ROOT / "constraints.txt"
pytestmark = [pytest.mark.install, pytest.mark.xdist_group("install")]


def run(*command: object, folder: Path | None = None) -> str:
    answer = subprocess.run(
        [str(part) for part in command],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, f"{command}\n{answer.stdout}\n{answer.stderr}"
    return answer.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT)
    [path] = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def binaries(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """bin/ of an empty environment into which the wheel has been installed."""
    environment = tmp_path_factory.mktemp("empty") / "venv"
    uv = (sys.executable, "-m", "uv")
    run(*uv, "venv", "--python", sys.executable, environment)
    run(*uv, "pip", "install", "--python", environment / "bin" / "python", "-c", CONSTRAINTS, wheel)
    yield environment / "bin"
    shutil.rmtree(environment)


@pytest.fixture
def crowded(tmp_path: Path) -> Path:
    """A user's folder with names that hwgen uses too."""
    for name in ("models", "sim", "firmware_templates", "hwgen_out"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "digits.yaml").write_text("mine")
    return tmp_path


def test_the_wheel_installs_one_package(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0].split("-")[0] for name in names} == {"hwgen"}
    assert not [name for name in names if "__pycache__" in name or "/tests/" in name]
    packed = {name.removeprefix("hwgen/_material/") for name in names if name.startswith("hwgen/_material/")}
    tracked = run("git", "-C", ROOT, "ls-files", "models", "firmware_templates", "sim").split()
    assert set(tracked) <= packed
    sources = run("git", "-C", ROOT, "ls-files", "hwgen").split()
    assert set(sources) <= set(names)


def test_constraints_are_names_and_versions_only() -> None:
    lines = CONSTRAINTS.read_text().splitlines()
    assert lines
    for line in lines:
        name, _, version = line.partition("==")
        assert name.replace("-", "").replace("_", "").replace(".", "").isalnum(), line
        assert version.replace(".", "").isalnum(), line


def test_material_comes_from_the_wheel(binaries: Path, crowded: Path) -> None:
    code = "from hwgen.material import KINDS, material; print(*(material(kind) for kind in KINDS), sep='\\n')"
    for line in run(binaries / "python", "-I", "-c", code, folder=crowded).splitlines():
        assert line.startswith(str(binaries.parent))
        assert (Path(line).parent.name, Path(line).is_dir()) == ("_material", True)


def test_everything_a_run_needs_is_installed(binaries: Path, crowded: Path) -> None:
    document = json.loads(run(binaries / "hwgen", "doctor", "--json", folder=crowded))
    absent = [tool["name"] for tool in document["tools"] if tool["essential"] and not tool["found"]]
    assert absent == []
    run(binaries / "hwgen", "init", "starter.yaml", folder=crowded)
    assert "digits" in (crowded / "starter.yaml").read_text()


@pytest.mark.gxx
def test_firmware_is_generated_and_simulated(binaries: Path, crowded: Path) -> None:
    bench = Bench(crowded)
    job = open_job(bench.recipe, verb="simulate")
    carried = crowded / bench.recipe.stem
    save_network(tabular(1), carried)
    write_atomic(carried / STAMP, stamp_text(carried, train_key(job)))
    answer = json.loads(run(binaries / "hwgen", "simulate", bench.recipe, "--json", folder=crowded))
    assert [step["step"] for step in answer["steps"]] == ["train", "calibrate", "generate", "simulate"]
    assert set(answer["steps"][-1]["mismatches"].values()) == {0}
    assert answer["steps"][-1]["samples"] == len(np.load(crowded / "my.npz")["x_test"])
    assert (crowded / "build" / "example" / "firmware" / "manifest.json").is_file()


@pytest.mark.tensorflow
def test_a_network_is_trained(binaries: Path, crowded: Path) -> None:
    bench = Bench(crowded)
    run(binaries / "hwgen", "train", bench.recipe, "--set", "training.epochs=1", folder=crowded)
    assert (crowded / "build" / "example" / "model" / "network.npz").is_file()
