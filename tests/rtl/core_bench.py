"""Runs the RTL of one stage core in Verilator: random stalls, gaps and resets; a log of all handshakes."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from hwgen.eda import verilator
from hwgen.fixedpoint import FixedPoint, IntArray
from hwgen.rtl.stages import StageCore

_MAIN = r"""
#include "Vdut.h"
#include "verilated.h"
TRACE_HEADER
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <vector>

template <class T> void put(T& port, const uint32_t* words, int) {
  uint64_t value = words[0];
  if (sizeof(T) > 4) value |= uint64_t(words[1]) << 32;
  port = static_cast<T>(value);
}
template <std::size_t N> void put(VlWide<N>& port, const uint32_t* words, int) {
  for (std::size_t i = 0; i < N; ++i) port[i] = words[i];
}
template <class T> std::vector<uint32_t> get(const T& port) {
  return {uint32_t(port), uint32_t(uint64_t(port) >> 32)};
}
template <std::size_t N> std::vector<uint32_t> get(const VlWide<N>& port) {
  std::vector<uint32_t> words(N);
  for (std::size_t i = 0; i < N; ++i) words[i] = port[i];
  return words;
}
void show(const char* what, long cycle, const std::vector<uint32_t>& words) {
  std::printf("%s %ld ", what, cycle);
  for (std::size_t i = words.size(); i-- > 0;) std::printf("%08x", words[i]);
  std::printf("\n");
}

int main(int argc, char** argv) {
  // stimuli, words per sample, samples, seed, gap %, stall %, cycles between resets (0: none), idle cycles at the end
  const int words = std::atoi(argv[2]), samples = std::atoi(argv[3]);
  std::mt19937 rng(std::atoi(argv[4]));
  const unsigned gap = std::atoi(argv[5]), stall = std::atoi(argv[6]);
  const long reset_every = std::atol(argv[7]), idle = std::atol(argv[8]);
  std::vector<uint32_t> data(std::size_t(words) * samples + 2);
  std::FILE* file = std::fopen(argv[1], "rb");
  if (std::fread(data.data(), 4, std::size_t(words) * samples, file) == 0) return 2;
  Vdut dut;
  TRACE_OPEN
  long time = 0, cycle = 0, quiet = 0;
  int next = 0;
  bool offered = false, held = false;
  std::vector<uint32_t> noise(words + 2), before;
  dut.clk = 0; dut.rst_n = 0; dut.s_valid = 0; dut.z_ready = 0;
  for (; quiet < idle; ++cycle) {
    dut.rst_n = cycle > 2 && !(reset_every && cycle % reset_every < 2);
    if (!dut.rst_n) offered = held = false;
    if (!offered) offered = dut.rst_n && next < samples && rng() % 100 >= gap;
    for (auto& word : noise) word = rng();
    dut.s_valid = offered;
    put(dut.s_data, offered ? &data[std::size_t(next) * words] : noise.data(), 0);
    dut.z_ready = rng() % 100 >= stall;
    dut.eval();
    if (dut.rst_n) {
      if (held && (!dut.z_valid || get(dut.z_data) != before)) std::printf("broken %ld\n", cycle);
      if (FEATURES && F_VALID) show("f", cycle, F_DATA);
      if (dut.z_valid && dut.z_ready) show("z", cycle, get(dut.z_data));
      held = dut.z_valid && !dut.z_ready;
      before = get(dut.z_data);
      if (offered && dut.s_ready) {
        std::printf("s %ld %d\n", cycle, next++);
        offered = false;
      }
      const bool still = next == samples && !offered && !dut.busy;
      if (still && !quiet) std::printf("idle %ld %ld\n", cycle, time);
      quiet = still ? quiet + 1 : 0;
    } else {
      std::printf("reset %ld\n", cycle);
    }
    TRACE_DUMP
    dut.clk = 1; dut.eval();
    TRACE_DUMP
    dut.clk = 0; dut.eval();
  }
  TRACE_CLOSE
  dut.final();
  return 0;
}
"""


@dataclass
class Log:
    """What happened: (cycle, value) per handshake, samples lost in a reset left out of `taken`."""

    taken: list[tuple[int, int]] = field(default_factory=list)
    features: list[tuple[int, int]] = field(default_factory=list)
    answers: list[tuple[int, int]] = field(default_factory=list)
    idle_time: int = 0
    broken: list[str] = field(default_factory=list)
    resets: int = 0


def build(core: StageCore, folder: Path, trace: bool = False) -> Path:
    """Compiles a core with its bench; returns the executable."""
    folder.mkdir(parents=True, exist_ok=True)
    sources = []
    for name, content in {**core.files, **core.library}.items():
        (folder / name).write_bytes(content)
        sources.append(folder / name)
    features = core.feature_bits > 0
    values = {
        "TRACE_HEADER": '#include "verilated_vcd_c.h"' if trace else "",
        "TRACE_OPEN": "Verilated::traceEverOn(true); VerilatedVcdC vcd; dut.trace(&vcd, 99); vcd.open(argv[9]);"
        if trace
        else "",
        "TRACE_DUMP": "vcd.dump(static_cast<uint64_t>(time++));" if trace else "",
        "TRACE_CLOSE": "vcd.close();" if trace else "",
        "FEATURES": str(int(features)),
        "F_VALID": "dut.f_valid" if features else "false",
        "F_DATA": "get(dut.f_data)" if features else "std::vector<uint32_t>()",
    }
    text = _MAIN
    for name, value in values.items():
        text = text.replace(name, value)
    main = folder / "main.cpp"
    main.write_text(text)
    return verilator.build(
        sources,
        core.module,
        [main],
        folder / "build",
        trace="vcd" if trace else None,
        optimise="-O0",
        timeout=300,
    )


def pack(raw: IntArray, width: int) -> list[int]:
    """Per sample one integer: elements in words of `width` bits, element 0 lowest."""
    flat, mask = raw.reshape(len(raw), -1), (1 << width) - 1
    return [sum((int(value) & mask) << (width * index) for index, value in enumerate(row)) for row in flat]


def unpack(word: int, count: int, fmt: FixedPoint) -> list[int]:
    """Elements of a bus of `count` words of `fmt`."""
    values = [(word >> (fmt.width * index)) & ((1 << fmt.width) - 1) for index in range(count)]
    return [value - (1 << fmt.width) if value > fmt.max_raw else value for value in values]


def run(
    program: Path,
    core: StageCore,
    raw: IntArray,
    *,
    seed: int = 0,
    gap: int = 0,
    stall: int = 0,
    reset_every: int = 0,
    idle: int = 4,
    vcd: Path | None = None,
) -> Log:
    """Sends all samples; percentages of cycles without an offer and without z_ready."""
    words = -(-core.in_bits // 32)
    stimuli = program.parent / "stimuli.bin"
    width = core.traced.stage.source.format.width
    stimuli.write_bytes(b"".join(value.to_bytes(words * 4, "little") for value in pack(raw, width)))
    numbers = [words, len(raw), seed, gap, stall, reset_every, idle]
    command = [str(program), str(stimuli), *map(str, numbers), str(vcd or "")]
    output = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120).stdout
    log, inside = Log(), 0
    for line in output.splitlines():
        kind, cycle, *rest = line.split()
        if kind == "s":
            log.taken.append((int(cycle), int(rest[0])))
            inside += 1
        elif kind == "f":
            log.features.append((int(cycle), int(rest[0], 16)))
        elif kind == "z":
            log.answers.append((int(cycle), int(rest[0], 16)))
            inside -= 1
        elif kind == "idle":
            log.idle_time = int(rest[0])
        elif kind == "reset":
            # What was inside is gone, and so are features already handed out for it.
            log.resets += 1
            if inside:
                log.taken = log.taken[:-inside]
                log.features = log.features[: len(log.taken)]
            inside = 0
        else:
            log.broken.append(line)
    return log


def vcd_changes(path: Path, after: int) -> dict[str, int]:
    """Changes per signal later than the time `after`; signals that stand still are left out."""
    names: dict[str, str] = {}
    scope: list[str] = []
    changes: dict[str, int] = {}
    now = 0
    with path.open() as file:
        for line in file:
            parts = line.split()
            if not parts:
                continue
            if parts[0] == "$scope":
                scope.append(parts[2])
            elif parts[0] == "$upscope":
                scope.pop()
            elif parts[0] == "$var":
                names.setdefault(parts[3], ".".join([*scope, parts[4]]))
            elif line[0] == "#":
                now = int(line[1:])
            elif now > after and line[0] in "01b":
                name = names[parts[1] if line[0] == "b" else line[1:].strip()]
                changes[name] = changes.get(name, 0) + 1
    return changes


def random_raw(core: StageCore, count: int, seed: int) -> IntArray:
    """Random samples of the core's input format, extremes included."""
    source = core.traced.stage.source
    raw = np.random.default_rng(seed).integers(
        source.format.min_raw, source.format.max_raw + 1, size=(count, *source.shape)
    )
    raw[0], raw[1] = source.format.min_raw, source.format.max_raw
    return raw
