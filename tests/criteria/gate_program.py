"""Compiles the C++ blocks of gates, whole or damaged on purpose, and runs them on samples."""

from __future__ import annotations

import importlib.util
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from hwgen.criteria import Gate, Seen
from hwgen.firmware.templates import render
from hwgen.material import material

_HEAD = """#include <cstdio>
#include <cstdlib>
#include <vector>
template <class VALUE> void set_bits(VALUE &value, long long raw) {
    value.range(VALUE::width - 1, 0) = ap_uint<VALUE::width>(raw);
}
"""
_MAIN = """
template <class GATE> int run() {
    long long n, count;
    if (fread(&n, 8, 1, stdin) != 1 || fread(&count, 8, 1, stdin) != 1) return 2;
    std::vector<long long> thresholds(count), raw(GATE::columns);
    if (fread(thresholds.data(), 8, count, stdin) != size_t(count)) return 2;
    std::vector<unsigned short> out(count + 1);
    for (long long i = 0; i < n; i++) {
        if (fread(raw.data(), 8, raw.size(), stdin) != raw.size()) return 2;
        for (long long k = 0; k < count; k++)
            out[k + 1] = GATE::decide(raw.data(), thresholds[k], out[0]);
        fwrite(out.data(), 2, out.size(), stdout);
    }
    return 0;
}
int main(int, char **argv) {
    switch (atoi(argv[1])) {
"""
_CASE = """
struct case%(index)d {
    typedef gate%(index)d_config config;
    static const unsigned columns = %(columns)s;
    static bool decide(const long long *raw, unsigned long long threshold, unsigned short &label) {
        config::logit_t logits[config::classes];
        for (unsigned j = 0; j < config::classes; j++)
            set_bits(logits[j], *raw++);
%(extras)s
        %(space)s::label_t given;
        bool leave;
        %(space)s::%(call)s<config>(logits, %(arguments)sthreshold, true, given, leave);
        label = given.to_uint();
        return leave;
    }
};
"""
_EMBEDDING = """        static config::embedding_t embedding[config::embedding_size];
        for (unsigned j = 0; j < config::embedding_size; j++)
            set_bits(embedding[j], *raw++);"""
_CARRIED = """        config::carried_t carried[config::classes];
        for (unsigned j = 0; j < config::classes; j++)
            carried[j] = static_cast<unsigned long long>(*raw++);"""


@dataclass(frozen=True)
class Variant:
    """A gate to compile. `edits` damages a header: file -> (text, text in its place)."""

    gate: Gate
    edits: dict[str, tuple[str, str]] = field(default_factory=dict)
    serial: bool = False


@dataclass(frozen=True)
class CompiledGates:
    """A program that holds several gates; `warnings` are the compiler's about our headers."""

    program: Path
    warnings: list[str]

    def run(self, index: int, seen: Seen, thresholds: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
        """(class int64 (n,), leaves bool (n, thresholds)) as the C++ answers."""
        count = len(thresholds)
        parts = [part for part in (seen.logits, seen.embedding, seen.carried) if part is not None]
        rows = np.concatenate(parts, axis=1)
        data = b"".join(
            np.ascontiguousarray(part, dtype="<i8").tobytes()
            for part in ([len(seen), count], thresholds, rows)
        )
        done = subprocess.run([self.program, str(index)], input=data, capture_output=True, check=True)
        answers = np.frombuffer(done.stdout, dtype="<u2").reshape(len(seen), count + 1)
        return answers[:, 0].astype(np.int64), answers[:, 1:].astype(bool)


def _copy_headers(folder: Path, variant: Variant, space: str) -> None:
    """The headers in a namespace of their own, so that one program holds whole and damaged ones."""
    root = material("firmware_templates") / "hls"
    edits = dict(variant.edits)
    for name in dict.fromkeys(("gate.h", *variant.gate.headers)):
        text = (root / name).read_text()
        if name in edits:
            old, new = edits.pop(name)
            assert text.count(old) == 1, f"{name} holds {old!r} {text.count(old)} times"
            text = text.replace(old, new)
        target = folder / space / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(
            text.replace("namespace hwgen", f"namespace {space}")
            .replace("hwgen::", f"{space}::")
            .replace("HWGEN_", f"{space}_")
        )
    assert not edits, f"not a header of {variant.gate.criterion}: {list(edits)}"


def _case(index: int, variant: Variant, space: str) -> str:
    """The gate's generated header, and a function that feeds it."""
    gate = variant.gate
    vector = gate.shape.embedding if gate.reads_embedding else None
    header = render(
        "hls/generated/gate.h.j2",
        banner="",
        number=index,
        gate=gate,
        serial=variant.serial,
        embedding_type=vector.format.cpp() if vector is not None else "",
    ).decode()
    extras, columns, arguments, call = [], "config::classes", "", "decide"
    if vector is not None:
        extras, columns = [_EMBEDDING], f"{columns} + config::embedding_size"
        arguments, call = "embedding, ", f"{call}_embedding"
    if gate.carries:
        extras, columns = [*extras, _CARRIED], f"{columns} + config::classes"
        arguments, call = f"{arguments}carried, ", f"{call}_carrying"
    case = _CASE % {
        "index": index,
        "columns": columns,
        "extras": "\n".join(extras),
        "space": space,
        "call": call,
        "arguments": arguments,
    }
    return header.replace("hwgen/", f"{space}/").replace("hwgen::", f"{space}::") + case


def compile_gates(folder: Path, variants: Sequence[Variant]) -> CompiledGates:
    """One program of all variants, compiled in `folder` against the vendor's types."""
    source = []
    for index, variant in enumerate(variants):
        _copy_headers(folder, variant, f"variant{index}")
        source.append(_case(index, variant, f"variant{index}"))
    cases = [f"    case {index}: return run<case{index}>();\n" for index in range(len(variants))]
    text = "".join(
        [
            '#include "ap_fixed.h"\n#include "ap_int.h"\n',
            _HEAD,
            *source,
            _MAIN,
            *cases,
            "    }\n    return 3;\n}\n",
        ]
    )
    (folder / "main.cpp").write_text(text)
    spec = importlib.util.find_spec("hls4ml")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    types = Path(spec.submodule_search_locations[0]) / "templates" / "vivado" / "ap_types"
    options = [
        "-std=c++11",
        "-O1",
        "-Wall",
        "-Wextra",
        "-Wno-unknown-pragmas",
        "-Wno-unused-label",
        "-I",
        ".",
        "-isystem",
        types,
    ]
    done = subprocess.run(
        ["g++", *options, "main.cpp", "-o", "gates"], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    ours = [line for line in done.stderr.splitlines() if "warning:" in line and line.startswith("variant")]
    return CompiledGates(folder / "gates", ours)
