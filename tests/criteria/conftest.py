"""Compiles a gate's C++ block and runs it on vectors, as the generated firmware would."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from hwgen.criteria import Gate, get_criterion
from hwgen.material import material

_MAIN = """
#include <cstdio>
#include <vector>
#include "%(header)s"
struct config {
    typedef %(logit_t)s logit_t;
    typedef ap_uint<%(threshold_bits)d> threshold_t;
%(constants)s
%(table)s
};
int main() {
    long long n, count;
    if (fread(&n, 8, 1, stdin) != 1 || fread(&count, 8, 1, stdin) != 1) return 2;
    std::vector<long long> thresholds(count), raw(config::classes + 0);
    if (fread(thresholds.data(), 8, count, stdin) != size_t(count)) return 2;
    std::vector<unsigned short> out(count + 1);
    for (long long i = 0; i < n; i++) {
        config::logit_t logits[config::classes];
        if (fread(raw.data(), 8, raw.size(), stdin) != raw.size()) return 2;
        for (unsigned j = 0; j < config::classes; j++)
            logits[j].range(config::logit_bits - 1, 0) = ap_uint<config::logit_bits>(raw[j]);
        out[0] = hwgen::argmax<config>(logits);
        for (long long k = 0; k < count; k++)
            out[k + 1] = hwgen::%(name)s<config>::leaves(logits, config::threshold_t(thresholds[k]));
        fwrite(out.data(), 2, out.size(), stdout);
    }
    return 0;
}
"""
_TABLE = """    static ap_uint<table_fraction + 1> exp_table(unsigned i) {
        static const ap_uint<table_fraction + 1> values[table_entries] = {%s};
        return values[i];
    }"""


@dataclass(frozen=True)
class CompiledGate:
    """A program that holds one gate. Calling it answers (class int64 (n,), leaves bool (n, thresholds))."""

    program: Path
    warnings: str

    def __call__(self, logits: np.ndarray, thresholds: list[int]) -> tuple[np.ndarray, np.ndarray]:
        count = len(thresholds)
        data = b"".join(
            np.ascontiguousarray(part, dtype="<i8").tobytes()
            for part in ([len(logits), count], thresholds, logits)
        )
        done = subprocess.run([self.program], input=data, capture_output=True, check=True)
        answers = np.frombuffer(done.stdout, dtype="<u2").reshape(len(logits), count + 1)
        return answers[:, 0].astype(np.int64), answers[:, 1:].astype(bool)


CompileGate = Callable[..., CompiledGate]


@pytest.fixture
def compile_gate(tmp_path: Path) -> CompileGate:
    """compile_gate(gate, edits={file: (old, new)}, optimise="-O0"): edits damage the headers on purpose."""

    def build(
        gate: Gate, edits: Mapping[str, tuple[str, str]] | None = None, optimise: str = "-O0"
    ) -> CompiledGate:
        folder = tmp_path / f"build{len(list(tmp_path.iterdir()))}"
        shutil.copytree(material("firmware_templates") / "hls", folder)
        for name, (old, new) in (edits or {}).items():
            text = (folder / name).read_text()
            assert text.count(old) >= 1, f"{name} does not hold {old!r}"
            (folder / name).write_text(text.replace(old, new))
        table = gate.table()
        source = _MAIN % {
            "header": get_criterion(gate.criterion).header,
            "logit_t": gate.logits.cpp(),
            "threshold_bits": gate.threshold_bits,
            "constants": "\n".join(
                f"    static const unsigned {key} = {value};" for key, value in gate.cpp_params().items()
            ),
            "table": "" if table is None else _TABLE % ", ".join(map(str, table.tolist())),
            "name": gate.criterion,
        }
        (folder / "main.cpp").write_text(source)
        spec = importlib.util.find_spec("hls4ml")
        assert spec is not None
        assert spec.submodule_search_locations is not None
        types = Path(spec.submodule_search_locations[0]) / "templates" / "vivado" / "ap_types"
        done = subprocess.run(
            ["g++", "-std=c++11", "-Wall", "-Wextra", "-Wno-unknown-pragmas", optimise, "-I", folder, "-isystem",
             types, folder / "main.cpp", "-o", folder / "gate"],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return CompiledGate(folder / "gate", done.stderr)

    return build
