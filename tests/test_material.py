"""The material is found beside the package or inside it, never in the folder a user happens to be in."""

from __future__ import annotations

from pathlib import Path

import pytest

from hwgen import material as module
from hwgen.errors import ExitCode, HwgenError
from hwgen.material import KINDS, material


@pytest.mark.parametrize(
    ("kind", "file"),
    [("models", "digits.yaml"), ("firmware_templates", "hls/gate.h"), ("sim", "csim/kernel_main.cpp")],
)
def test_material_of_this_checkout(kind: str, file: str) -> None:
    assert (material(kind) / file).is_file()


def test_the_current_folder_does_not_matter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = {kind: material(kind) for kind in KINDS}
    for kind in KINDS:
        (tmp_path / kind).mkdir()
    monkeypatch.chdir(tmp_path)
    assert {kind: material(kind) for kind in KINDS} == before


def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installed package with its material inside."""
    package = tmp_path / "site-packages" / "hwgen"
    for kind in KINDS:
        (package / "_material" / kind).mkdir(parents=True)
    monkeypatch.setattr(module, "_PACKAGE", package)
    return package


def test_what_a_wheel_carries_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = installed(tmp_path, monkeypatch)
    (package.parent / "sim").mkdir()  # another package's folder of the same name
    assert material("sim") == package / "_material" / "sim"


def test_missing_material_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = installed(tmp_path, monkeypatch)
    (package / "_material" / "sim").rmdir()
    with pytest.raises(
        HwgenError, match="installation: the folder sim is missing; install hwgen again"
    ) as caught:
        material("sim")
    assert caught.value.exit_code == ExitCode.INTERNAL


def test_unknown_kind() -> None:
    with pytest.raises(
        HwgenError, match="material: unknown kind 'docs'; one of models, firmware_templates, sim"
    ):
        material("docs")
