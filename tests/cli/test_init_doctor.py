"""A starter recipe that is valid, and an honest look at the machine."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hwgen.cli import doctor
from hwgen.recipe import load_recipe
from tests.cli.conftest import Hwgen


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("mine.yaml", "mine"),
        ("sub/two words.yaml", "two_words"),
        ("class.yaml", "my_class"),
        ("3d.yaml", "my_3d"),
        ("größe.yaml", "gr__e"),
    ],
)
def test_the_starter_is_a_recipe(hwgen: Hwgen, tmp_path: Path, file: str, name: str) -> None:
    answer = hwgen("init", tmp_path / file)
    assert answer.code == 0
    assert load_recipe(tmp_path / file).recipe.name == name


def test_init_names_a_file_by_itself(hwgen: Hwgen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert hwgen("init").out == "recipe.yaml written; next: hwgen run recipe.yaml\n"


def test_init_never_overwrites(hwgen: Hwgen, tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("precious")
    answer = hwgen("init", file)
    assert (answer.code, answer.err) == (2, f"hwgen: {file}: exists already; give another file name\n")
    assert file.read_text() == "precious"


def programs(folder: Path, **answers: str) -> None:
    folder.mkdir()
    for name, answer in answers.items():
        program = folder / name.replace("gxx", "g++")
        program.write_text(f"#!/bin/sh\n{answer}\n")
        program.chmod(0o755)


def test_what_is_there_and_what_is_not(hwgen: Hwgen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    programs(
        tmp_path / "bin",
        gxx="echo 'g++ (Debian) 12.2.0'",
        make="echo 'GNU Make 4.3' >&2; exit 3",
        vivado="exit 1",
    )
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setattr(doctor.importlib.metadata, "version", lambda _: "9.9")
    answer = hwgen("doctor", "--json")
    assert answer.code == 0
    document = json.loads(answer.out)
    tools = {entry["name"]: entry for entry in document["tools"]}
    assert document["ready"]
    assert (tools["g++"]["found"], tools["g++"]["version"]) == (True, "12.2.0")
    assert (tools["make"]["found"], tools["make"]["version"]) == (True, "4.3")
    assert (tools["pyosys"]["found"], tools["pyosys"]["version"]) == (True, "9.9")
    assert tools["vivado"]["found"]
    assert not tools["vitis-run"]["found"]
    assert "Vitis" in tools["vitis-run"]["install"]


def test_what_is_essential(hwgen: Hwgen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    answer = hwgen("doctor")
    assert answer.code == 3
    assert "MISSING g++" in answer.out
    assert ": apt-get install g++\n" in answer.out
    assert "absent  make" in answer.out
    assert "hwgen run needs: g++" in answer.out
    assert json.loads(hwgen("doctor", "--json").out)["ready"] is False
