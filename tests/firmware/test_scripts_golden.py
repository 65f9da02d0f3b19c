"""The generated scripts, byte for byte against copies under `golden/`, and what linters say of them.

HWGEN_REFRESH=1 pytest tests/firmware/test_scripts_golden.py      writes the copies anew
"""

from __future__ import annotations

import importlib
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from hwgen.firmware.scripts import FIXED, script_files, sources_of
from hwgen.recipe.schema import Firmware
from hwgen.vendor.versions import HLS_STEPS, RELEASES, STEPS, SUBCOMMANDS, UNIFIED_KEYS

GOLDEN = Path(__file__).with_name("golden")
BACKENDS = {"Vitis": "xczu3eg-sbva484-1-e", "Vivado": "xc7z020clg400-1"}
WRAPPERS = ["vendor/beat_adapter.sv", "vendor/stage1_core.sv"]


def planned(backend: str) -> dict[str, str]:
    """Path below scripts/ -> text, of what is generated."""
    firmware = Firmware(backend=backend, part=BACKENDS[backend], clock_ns=6.5)
    pipeline = {"stages": [{"core": "hls"}, {"core": "rtl"}]}
    files = script_files(["stage1", "stage2"], [1], firmware, "small", "0" * 64, pipeline, WRAPPERS)
    return {name.removeprefix("scripts/"): text.decode() for name, text in files.items()}


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_bytes_are_those_of_the_copies(backend: str) -> None:
    folder = GOLDEN / backend.lower()
    found = {name: text for name, text in planned(backend).items() if name not in FIXED}
    if os.environ.get("HWGEN_REFRESH"):
        for name, text in found.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)
    copies = {
        path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()
    }
    assert found == copies


@pytest.mark.parametrize("backend", BACKENDS)
def test_fixed_scripts_are_copied_as_they_are(backend: str) -> None:
    """Their copies are the files under firmware_templates/: nothing is filled in, not even the banner's version."""
    folder = Path(__file__).resolve().parents[2] / "firmware_templates"
    texts = planned(backend)
    assert set(FIXED) <= set(texts)
    for name, path in FIXED.items():
        assert texts[name].encode() == (folder / path).read_bytes()


def test_which_scripts_are_there() -> None:
    vitis, vivado = (set(planned(backend)) for backend in BACKENDS)
    assert {"hls.tcl", "common.tcl", "vivado.tcl", "design.tcl", "Makefile"} <= vitis & vivado
    assert {"unified.sh", "cfg/stage1.cfg", "cfg/gate1.cfg", "cfg/kernel.cfg"} <= vitis
    assert not any(name.startswith(("cfg", "unified")) for name in vivado)  # Vivado HLS has no other road
    none = script_files(["stage1"], [], Firmware(), "small", "0" * 64, None, [])
    assert "scripts/vivado.tcl" not in none


@pytest.mark.tclint
@pytest.mark.parametrize("backend", BACKENDS)
def test_tcl_is_clean(tmp_path: Path, backend: str) -> None:
    names = []
    scripts = planned(backend)
    stages = [f"stage{number}" for number in range(1, 21)]
    wide = script_files(
        stages, range(1, 21), Firmware(backend=backend), "wide", "0" * 64, {"stages": [{"core": "hls"}] * 20},
        [f"vendor/{stage}_core.sv" for stage in stages],
    )  # fmt: skip
    scripts["wide.tcl"] = wide["scripts/design.tcl"].decode()
    bare = script_files(["stage1"], [], Firmware(backend=backend), "bare", "0" * 64, None, [])
    scripts["bare.tcl"] = bare["scripts/design.tcl"].decode()
    for name, text in scripts.items():
        if name.endswith(".tcl"):
            (tmp_path / name).write_text(text)
            names.append(str(tmp_path / name))
    assert len(names) == 6
    command = [sys.executable, "-c", "from tclint.tclint import main; import sys; sys.exit(main())"]
    command += ["--style-line-length", "120", *names]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    broken = tmp_path / "broken.tcl"
    broken.write_text("set a b c\n")
    result = subprocess.run([*command[:3], str(broken)], capture_output=True, text=True, check=False)
    assert result.returncode != 0 and "too many args to set" in result.stdout


def test_the_shell_script_is_well_formed(tmp_path: Path) -> None:
    script = tmp_path / "unified.sh"
    script.write_text(planned("Vitis")["unified.sh"])
    result = subprocess.run(["bash", "-n", str(script)], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr


def test_a_pipeline_without_ips_can_be_made(tmp_path: Path) -> None:
    """All stages in RTL: nothing to synthesise before Vivado."""
    pipeline = {"stages": [{"core": "rtl"}]}
    files = script_files(["stage1"], [], Firmware(), "small", "0" * 64, pipeline, [])
    (tmp_path / "Makefile").write_bytes(files["scripts/Makefile"])
    result = subprocess.run(
        ["make", "-n", "-C", str(tmp_path), "impl"], capture_output=True, text=True, check=False,
        env={key: value for key, value in os.environ.items() if not key.startswith("MAKE")},
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    assert "vivado -mode batch" in result.stdout and "hls.tcl" not in result.stdout


def test_make_takes_an_ip_only_if_it_is_done(tmp_path: Path) -> None:
    """Of this firmware, and newer than every source of its stage."""
    scripts, source = tmp_path / "scripts", tmp_path / "stage1" / "firmware" / "stage1.cpp"
    scripts.mkdir()
    source.parent.mkdir(parents=True)
    source.touch()
    (scripts / "Makefile").write_text(planned("Vitis")["Makefile"])
    status = scripts / "hls_build" / "status" / "stage1.export"
    status.parent.mkdir(parents=True)

    def runs() -> bool:
        result = subprocess.run(
            ["make", "-C", str(scripts), "ips", "HLS=echo RUN"], capture_output=True, text=True, check=False,
            env={key: value for key, value in os.environ.items() if not key.startswith("MAKE")},
        )  # fmt: skip
        assert result.returncode == 0, result.stderr
        return "\nRUN " in result.stdout

    assert runs()
    for told, again in (
        (f"firmware {'0' * 64}\nstate failed\n", True),
        (f"firmware {'1' * 64}\nstate done\n", True),
        (f"firmware {'0' * 64}\nstate done\n", False),
    ):
        status.write_text(told)
        os.utime(source, (1, 1))
        assert runs() == again
    os.utime(status, (1, 1))
    os.utime(source, (2, 2))
    assert runs()


def test_a_space_in_the_path_is_refused(tmp_path: Path) -> None:
    """Compiler flags are split at spaces, by make and by the tools."""
    scripts = tmp_path / "a tree" / "scripts"
    for name, text in planned("Vitis").items():
        (scripts / name).parent.mkdir(parents=True, exist_ok=True)
        (scripts / name).write_text(text)
    environment = {key: value for key, value in os.environ.items() if not key.startswith("MAKE")}
    commands: list[list[str]] = [
        ["make", "-f", str(scripts / "Makefile"), "hls-gate1"],
        ["make", "-C", str(scripts), "hls-gate1"],
        ["bash", str(scripts / "unified.sh"), "gate1", "csynth"],
    ]
    for command in commands:
        result = subprocess.run(
            command, cwd=tmp_path, capture_output=True, text=True, check=False, env=environment
        )
        assert result.returncode == 2 and "has a space in" in result.stderr, result.stderr


def test_a_folder_that_cannot_be_made_is_left_alone(tmp_path: Path) -> None:
    """Without its folder the script must not start over where it stands."""
    script = tmp_path / "scripts" / "unified.sh"
    script.parent.mkdir()
    script.write_text(planned("Vitis")["unified.sh"])
    (tmp_path / "gate1").mkdir()
    (tmp_path / "hls_build").write_text("a file")
    result = subprocess.run(
        ["bash", str(script), "gate1", "csynth"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert result.returncode == 2 and "cannot be made" in result.stderr
    assert (tmp_path / "gate1").is_dir()


def test_both_roads_take_the_same_files() -> None:
    """One list of sources: the Tcl table and the configuration files hold the same."""
    texts = planned("Vitis")
    for block in ("stage1", "stage2", "gate1", "kernel"):
        expected = [
            (source.path, source.flags, source.bench) for source in sources_of(block, ["stage1", "stage2"])
        ]
        table = re.search(rf"set files\({block}\) \{{\n(.*?)\n\}}", texts["design.tcl"], re.DOTALL)
        assert table is not None
        in_tcl = [
            (path, flags, bench == "1")
            for path, flags, bench in re.findall(r"\{(\S+) \{(.*?)\} ([01])\}", table[1])
        ]
        assert in_tcl == expected
        lines = texts[f"cfg/{block}.cfg"].splitlines()
        files = [line for line in lines if line.startswith(("syn.file=", "tb.file="))]
        assert files == [f"{'tb' if bench else 'syn'}.file=@/{path}" for path, _, bench in expected]
        flags = [line for line in lines if "cflags=" in line]
        assert flags == [
            f"{'tb' if bench else 'syn'}.file_cflags=@/{path},{given}"
            for path, given, bench in expected
            if given
        ]


def test_the_table_covers_every_step_and_key() -> None:
    assert set(SUBCOMMANDS) == set(HLS_STEPS) and set(HLS_STEPS) < set(STEPS)
    keys = {line.partition("=")[0] for line in planned("Vitis")["cfg/stage1.cfg"].splitlines() if "=" in line}
    assert keys - {"#"} == set(UNIFIED_KEYS.values())
    assert [release.version for release in RELEASES] == sorted(release.version for release in RELEASES)
    for backend in BACKENDS:  # a tree is for all versions of its backend
        rows = [release for release in RELEASES if release.backend == backend]
        assert len({(release.solution, release.extra) for release in rows}) == 1
        design = planned(backend)["design.tcl"]
        assert f"set solution_options {{{rows[0].solution}}}\n" in design
        commands = f"{{{rows[0].extra}}}" if rows[0].extra else ""
        assert f"set solution_commands {{{commands}}}\n" in design
    module = importlib.import_module("hwgen.firmware.scripts")
    assert set(module.UNCERTAINTY) == {release.backend for release in RELEASES}
