"""Compiles the C++ blocks of gates, whole or damaged on purpose, and runs them on vectors."""

from __future__ import annotations

import importlib.util
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from hwgen.criteria import Gate, get_criterion
from hwgen.material import material

_GATE = """
#include "%(space)s/%(header)s"
struct gate%(index)d {
    typedef %(logit_t)s logit_t;
    typedef ap_uint<%(threshold_bits)d> threshold_t;
%(constants)s
%(table)s
    static unsigned argmax(const logit_t *logits) { return %(space)s::argmax<gate%(index)d>(logits); }
    static bool leaves(const logit_t *logits, threshold_t threshold) {
        return %(space)s::%(name)s<gate%(index)d>::leaves(logits, threshold);
    }
};
"""
_TABLE = """    static ap_uint<table_fraction + 1> exp_table(unsigned i) {
        static const unsigned values[table_entries] = {%s};
        return values[i];
    }"""
_MAIN = """
#include <cstdio>
#include <cstdlib>
#include <vector>
template <class GATE> int run() {
    long long n, count;
    if (fread(&n, 8, 1, stdin) != 1 || fread(&count, 8, 1, stdin) != 1) return 2;
    std::vector<long long> thresholds(count), raw(GATE::classes + 0);
    if (fread(thresholds.data(), 8, count, stdin) != size_t(count)) return 2;
    std::vector<unsigned short> out(count + 1);
    for (long long i = 0; i < n; i++) {
        typename GATE::logit_t logits[GATE::classes];
        if (fread(raw.data(), 8, raw.size(), stdin) != raw.size()) return 2;
        for (unsigned j = 0; j < GATE::classes; j++)
            logits[j].range(GATE::logit_bits - 1, 0) = ap_uint<GATE::logit_bits>(raw[j]);
        out[0] = GATE::argmax(logits);
        for (long long k = 0; k < count; k++)
            out[k + 1] = GATE::leaves(logits, typename GATE::threshold_t(thresholds[k]));
        fwrite(out.data(), 2, out.size(), stdout);
    }
    return 0;
}
int main(int, char **argv) {
    switch (atoi(argv[1])) {
"""


@dataclass(frozen=True)
class Variant:
    """A gate to compile. `edits` damages a header: file -> (text, text in its place)."""

    gate: Gate
    edits: dict[str, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class CompiledGates:
    """A program that holds several gates; `warnings` are the compiler's about our headers."""

    program: Path
    warnings: list[str]

    def run(self, index: int, logits: np.ndarray, thresholds: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
        """(class int64 (n,), leaves bool (n, thresholds)) as the C++ answers."""
        count = len(thresholds)
        data = b"".join(
            np.ascontiguousarray(part, dtype="<i8").tobytes()
            for part in ([len(logits), count], thresholds, logits)
        )
        done = subprocess.run([self.program, str(index)], input=data, capture_output=True, check=True)
        answers = np.frombuffer(done.stdout, dtype="<u2").reshape(len(logits), count + 1)
        return answers[:, 0].astype(np.int64), answers[:, 1:].astype(bool)


def _copy_headers(folder: Path, variant: Variant, space: str) -> None:
    """The headers in a namespace of their own, so that one program holds whole and damaged ones."""
    root = material("firmware_templates") / "hls"
    edits = dict(variant.edits)
    for name in get_criterion(variant.gate.criterion).headers:
        text = (root / name).read_text()
        if name in edits:
            old, new = edits.pop(name)
            assert text.count(old) == 1, f"{name} holds {old!r} {text.count(old)} times"
            text = text.replace(old, new)
        target = folder / space / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(
            text.replace("namespace hwgen", f"namespace {space}").replace("HWGEN_", f"{space}_")
        )
    assert not edits, f"not a header of {variant.gate.criterion}: {list(edits)}"


def compile_gates(folder: Path, variants: Sequence[Variant]) -> CompiledGates:
    """One program of all variants, compiled in `folder` against the vendor's types."""
    source = []
    for index, variant in enumerate(variants):
        gate, space = variant.gate, f"variant{index}"
        _copy_headers(folder, variant, space)
        table = gate.table()
        constants = [
            f"    static const unsigned {key} = {value};" for key, value in gate.cpp_params().items()
        ]
        source.append(
            _GATE
            % {
                "index": index,
                "space": space,
                "header": get_criterion(gate.criterion).header,
                "logit_t": gate.logits.cpp(),
                "threshold_bits": gate.threshold_bits,
                "constants": "\n".join(constants),
                "table": "" if table is None else _TABLE % ", ".join(map(str, table.tolist())),
                "name": gate.criterion,
            }
        )
    cases = [f"    case {index}: return run<gate{index}>();\n" for index in range(len(variants))]
    text = "".join([*source, _MAIN, *cases, "    }\n    return 3;\n}\n"])
    (folder / "main.cpp").write_text(text)
    spec = importlib.util.find_spec("hls4ml")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    types = Path(spec.submodule_search_locations[0]) / "templates" / "vivado" / "ap_types"
    options = ["-std=c++11", "-O1", "-Wall", "-Wextra", "-Wno-unknown-pragmas", "-I", ".", "-isystem", types]
    done = subprocess.run(
        ["g++", *options, "main.cpp", "-o", "gates"], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    ours = [line for line in done.stderr.splitlines() if "warning:" in line and line.startswith("variant")]
    return CompiledGates(folder / "gates", ours)
