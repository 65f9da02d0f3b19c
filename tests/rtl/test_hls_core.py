"""Ports and timing of cores that hls4ml builds, and the bits that reach their compiled C++."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hwgen.errors import RecipeError
from hwgen.material import material
from hwgen.recipe.schema import Firmware
from hwgen.reference.executor import execute
from hwgen.rtl.core import Core
from hwgen.rtl.hls_core import Synthesised, hls_core, hls_cores
from hwgen.simulation.rtl import dpi
from hwgen.simulation.rtl.stimuli import pack
from hwgen.simulation.toolchain import Toolchain, Unit
from tests.networks import images, samples, tabular
from tests.rtl.hls_pipeline import three_stages
from tests.simulation.test_exactness import two_heads
from tests.trees import make_tree

STREAM, PARALLEL = Firmware(io="stream"), Firmware(io="parallel")
NOBODY: frozenset[int] = frozenset()


def shape(core: Core) -> tuple[int, ...]:
    return core.in_beats, core.in_bits, core.feature_beats, core.feature_bits, core.z_bits


def test_beats_are_pixels_in_streams_and_samples_else() -> None:
    network = three_stages()
    logits = [stage.logits.size * stage.logits.format.width for stage in network.stages]
    stream = hls_cores(network, NOBODY, STREAM, {})
    # 6x6x2 -> 3x3x3 -> 2x2x4, flattened: stage 3 gets the pixels that stage 2 makes, though it takes a vector.
    assert [shape(core) for core in stream] == [
        (36, 12, 9, 18, logits[0]),
        (9, 18, 4, 24, logits[1]),
        (4, 24, 0, 0, logits[2]),
    ]
    parallel = hls_cores(network, NOBODY, PARALLEL, {})
    assert [shape(core)[:4] for core in parallel] == [(1, 432, 1, 162), (1, 162, 1, 96), (1, 96, 0, 0)]
    assert {core.source for core in (*stream, *parallel)} == {"estimate"}


def test_beats_fit_neighbours_by_da4ml() -> None:
    network = three_stages()
    whole = hls_cores(network, NOBODY, PARALLEL, {})
    made = [replace(core, files={f"{core.stage}_core.sv": b""}) for core in whole]
    last = hls_cores(network, NOBODY, STREAM, {}, built={"stage3": made[2]})
    assert [shape(core)[:4] for core in last] == [(36, 12, 9, 18), (9, 18, 1, 96), (1, 96, 0, 0)]
    middle = hls_cores(network, NOBODY, STREAM, {}, built={"stage2": made[1]})
    assert [shape(core)[:4] for core in middle] == [(36, 12, 1, 162), (1, 162, 1, 96), (1, 96, 0, 0)]
    assert dpi.modelled(middle) == (middle[0], middle[2])
    with pytest.raises(RecipeError, match="stage2: core with 9 beats"):
        hls_cores(network, NOBODY, STREAM, {}, built={"stage2": hls_cores(network, NOBODY, STREAM, {})[1]})


def test_embeddings_stand_above_the_logits() -> None:
    network = two_heads()
    without = hls_cores(network, NOBODY, STREAM, {})
    cores = hls_cores(network, frozenset(range(3)), STREAM, {})
    for stage, core, bare in zip(network.stages, cores, without, strict=True):
        assert stage.embedding is not None
        assert core.z_bits - bare.z_bits == stage.embedding.size * stage.embedding.format.width


@pytest.mark.parametrize("firmware", [STREAM, PARALLEL], ids=["stream", "parallel"])
@pytest.mark.parametrize("reuse", [1, 4, 27])
def test_the_interval_grows_with_the_slowest_layer(firmware: Firmware, reuse: int) -> None:
    """Never faster than the reuse factor and the beats allow, never slower than one sample after the other."""
    hls = {"Model": {"Strategy": "Resource", "ReuseFactor": reuse}}
    for network in (images(), three_stages(), tabular()):
        for core in hls_cores(network, NOBODY, firmware, hls):
            assert core.interval >= max(reuse if core.in_beats > 1 else 1, core.in_beats, core.feature_beats)
            assert core.interval <= core.logit_cycles + core.in_beats + 1
            assert core.logit_cycles >= core.in_beats
            assert core.last or core.feature_cycles >= core.in_beats


def test_a_report_replaces_the_estimate() -> None:
    stage = three_stages().stages[0]
    guess = hls_core(stage, last=False, embedding=False, firmware=STREAM, hls={})
    known = hls_core(
        stage,
        last=False,
        embedding=False,
        firmware=STREAM,
        hls={},
        report=Synthesised(latency=500, interval=400),
    )
    assert known.source == "csynth"
    assert (known.interval, known.logit_cycles) == (400, 500)
    assert known.logit_cycles - known.feature_cycles == guess.logit_cycles - guess.feature_cycles
    assert shape(known) == shape(guess)


def test_beats_that_cut_elements_are_refused() -> None:
    with pytest.raises(RecipeError, match="stage1 input: 72 elements in 5 beats"):
        hls_core(three_stages().stages[0], last=False, embedding=False, firmware=STREAM, hls={}, in_beats=5)


MAIN = """
#include <cstdio>
#include <vector>
#include "binary_io.h"
extern "C" void CALL(const uint32_t *sample, uint32_t *features, uint32_t *z);
int main(int, char **words) {
    const std::vector<uint32_t> rows = hwgen::read_rows<uint32_t>(words[1], 0, COUNT, WORDS);
    std::vector<uint32_t> out;
    for (size_t i = 0; i < COUNT; i++) {
        std::vector<uint32_t> features(FEATURE_WORDS, 0xdeadbeef), z(Z_WORDS, 0xdeadbeef);
        CALL(&rows[i * WORDS], features.data(), z.data());
        out.insert(out.end(), z.begin(), z.end());
        out.insert(out.end(), features.begin(), features.end());
    }
    hwgen::write_rows(words[2], out);
}
"""


@pytest.mark.gxx
@pytest.mark.parametrize("index", [0, 1])
def test_bits_of_stages_with_embeddings(tmp_path: Path, shared_objects: Path, index: int) -> None:
    """The first embedding is the features, the second a hidden layer that the stage outputs by itself."""
    count = 20
    network = two_heads()
    tree = make_tree(network, "laplace", abstain=True)
    tree.write(tmp_path / "firmware")
    raw = samples(network, count)
    values = execute(network, raw, embeddings=frozenset(range(3)))
    core = hls_cores(network, frozenset(range(3)), STREAM, {})[index]
    stage = network.stages[index]
    source = raw if index == 0 else values[index - 1].features
    assert stage.embedding is not None and values[index].embedding is not None
    want = pack(
        np.concatenate([values[index].logits, values[index].embedding.reshape(count, -1)], axis=1),
        [stage.logits.format.width] * stage.logits.size
        + [stage.embedding.format.width] * stage.embedding.size,
    )
    features = pack(values[index].features.reshape(count, -1), stage.features.format.width)
    sent = pack(np.asarray(source).reshape(count, -1), stage.source.format.width)
    sent.tofile(tmp_path / "in.bin")
    (tmp_path / "main.cpp").write_text(MAIN)
    toolchain = Toolchain(tmp_path / "firmware", shared_objects, "fast")
    defines = (
        f"CALL=hwgen_dpi_{stage.name}",
        f"COUNT={count}",
        f"WORDS={sent.shape[1]}",
        f"FEATURE_WORDS={features.shape[1]}",
        f"Z_WORDS={want.shape[1]}",
    )
    here = str(material("sim") / "csim")
    main = toolchain.compile({"main": Unit(str(tmp_path / "main.cpp"), (here,), defines)})["main"]
    program = toolchain.link("embedding", [main, *dpi.model_objects(network, [core], toolchain)])
    subprocess.run([program, tmp_path / "in.bin", tmp_path / "out.bin"], cwd=tmp_path, check=True)
    got = np.fromfile(tmp_path / "out.bin", dtype="<u4").reshape(count, -1)
    assert np.array_equal(got[:, : want.shape[1]], want)
    assert np.array_equal(got[:, want.shape[1] :], features)
    assert dpi.calls([core], tmp_path) == {stage.name: count}
