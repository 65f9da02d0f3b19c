"""The drivers of the pipeline, C and Python, against one software model of the hardware: same calls, same outcome."""

from __future__ import annotations

import ctypes
import json
import subprocess
import sys
import types
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hwgen.files import write_tree
from hwgen.simulation.rtl.stimuli import pack
from tests.networks import images, samples, tabular
from tests.rtl.register_model import CAPACITY, RegisterModel, constants
from tests.trees import Tree, make_tree

pytestmark = [pytest.mark.peakrdl, pytest.mark.gxx]
DESIGNS: dict[str, Callable[[], Tree]] = {
    "vectors, one beat": lambda: make_tree(tabular(stages=3), "logit_margin", tag_bits=9),
    "images, a beat per pixel": lambda: make_tree(images(), "energy", abstain=True, tag_bits=64),
    "one stage, no gate": lambda: make_tree(tabular(stages=1), tag_bits=4, io="parallel"),
}


@dataclass(frozen=True)
class Design:
    """A tree with its drivers, the C one compiled."""

    tree: Tree
    folder: Path
    library: ctypes.CDLL

    def module(self) -> Any:
        """The Python driver."""
        control = types.ModuleType("hwgen_control")
        exec((self.folder / "hwgen_control.py").read_text(), control.__dict__)
        module = types.ModuleType("hwgen_pipeline")
        sys.modules["hwgen_control"] = control
        try:
            exec((self.folder / "hwgen_pipeline.py").read_text(), module.__dict__)
        finally:
            del sys.modules["hwgen_control"]
        return module

    def model(self) -> RegisterModel:
        """The hardware; classes are a checksum of the sample and of its policy."""
        control = types.ModuleType("hwgen_control")
        exec((self.folder / "hwgen_control.py").read_text(), control.__dict__)
        stages = len(self.tree.network.stages)

        def answer(beats: list[bytes], policy: int, bank: int) -> tuple[int, int, int]:
            total = sum(sum(beat) * place for place, beat in enumerate(beats, 3)) + policy + 2 * bank
            return total % 1009, total % stages + 1, total % 2

        facts = json.loads(self.tree.files["manifest.json"])
        beats = facts["pipeline"]["stages"][0]["in_beats"]
        return RegisterModel(control.PLACES, constants(facts), answer, beats)


@pytest.fixture(scope="module", params=DESIGNS)
def design(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Design:
    tree = DESIGNS[request.param]()
    folder = tmp_path_factory.mktemp("driver")
    write_tree(folder / "tree", tree.files)
    driver = folder / "tree" / "pipeline" / "driver"
    flags = ["-Wall", "-Wextra", "-Wpedantic", "-Werror", "-DHWGEN_POLLS=50", f"-I{driver}"]
    source, library = driver / "hwgen_pipeline.c", folder / "driver.so"
    subprocess.run(
        ["gcc", "-std=c11", *flags, "-shared", "-fPIC", "-O1", str(source), "-o", str(library)], check=True
    )
    user = folder / "user.cpp"
    user.write_text('#include "hwgen_pipeline.h"\nint main() { return hwgen_check(nullptr); }\n')
    subprocess.run(["g++", "-std=c++17", *flags, "-fsyntax-only", str(user)], check=True)
    return Design(tree, driver, ctypes.CDLL(str(library)))


READ = ctypes.CFUNCTYPE(ctypes.c_uint32, ctypes.c_void_p, ctypes.c_uint32)
WRITE = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_uint32, ctypes.c_uint32)
PUT = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.c_void_p, ctypes.POINTER(ctypes.c_uint8), ctypes.c_uint64, ctypes.c_int
)
GET = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.c_void_p, ctypes.POINTER(ctypes.c_uint32), ctypes.POINTER(ctypes.c_uint64)
)


class Port(ctypes.Structure):
    _fields_ = (
        ("registers", ctypes.c_void_p), ("read", READ), ("write", WRITE),
        ("stream", ctypes.c_void_p), ("put", PUT), ("get", GET),
    )  # fmt: skip


class Result(ctypes.Structure):
    _fields_ = (
        ("label", ctypes.c_uint16), ("exit", ctypes.c_uint8), ("abstain", ctypes.c_uint8), ("valid", ctypes.c_uint8),
    )  # fmt: skip


class Driver:
    """The calls of a driver, as Python; errors are ValueError or RuntimeError."""

    def __init__(self, design: Design, model: RegisterModel, language: str) -> None:
        self.design, self.language = design, language
        self.module = design.module()
        if language == "python":
            self.pipeline = self.module.Pipeline(model, model, timeout=0.02)
            return
        beat_bytes = self.module.BEAT_BYTES

        def get(_: object, data: Any, tag: Any) -> int:
            found = model.get()
            if found is not None:
                data[0], tag[0] = found
            return found is not None

        self._keep = (
            READ(lambda _, offset: model.read(offset)),
            WRITE(lambda _, offset, value: model.write(offset, value)),
            PUT(lambda _, beat, tag, last: model.put(bytes(beat[:beat_bytes]), tag, bool(last))),
            GET(get),
        )
        self.port = ctypes.byref(Port(None, self._keep[0], self._keep[1], None, self._keep[2], self._keep[3]))
        self.c = design.library

    def _returned(self, code: int) -> int:
        if code == -4:
            raise ValueError(code)
        if code < 0:
            raise RuntimeError(code)
        return code

    def check(self) -> None:
        if self.language == "c":
            self._returned(self.c.hwgen_check(self.port))
        else:
            self.pipeline.check()

    def load(self, policies: list[list[tuple[int, int]]] | None) -> int:
        if self.language == "python":
            return int(self.pipeline.load_policies(policies))
        if policies is None:
            kind = ctypes.c_uint64 * (self.module.POLICIES * self.module.GATES)
            flags = ctypes.c_uint8 * (self.module.POLICIES * self.module.GATES)
            thresholds, enables = (
                kind.in_dll(self.c, "hwgen_thresholds"),
                flags.in_dll(self.c, "hwgen_enables"),
            )
        else:
            flat = [pair for gates in policies for pair in gates]
            thresholds = (ctypes.c_uint64 * len(flat))(*(raw for raw, _ in flat))
            enables = (ctypes.c_uint8 * len(flat))(*(enable for _, enable in flat))
        return self._returned(self.c.hwgen_load_policies(self.port, thresholds, enables))

    def select(self, policy: int) -> None:
        if self.language == "c":
            self._returned(self.c.hwgen_select_policy(self.port, int(policy)))
        else:
            self.pipeline.select_policy(policy)

    def send(self, batch: np.ndarray, first: int) -> int:
        if self.language == "python":
            return int(self.pipeline.send_batch(batch.reshape(len(batch), -1), first))
        flat = np.ascontiguousarray(batch, dtype=np.int32)
        pointer = flat.ctypes.data_as(ctypes.POINTER(ctypes.c_int32))
        return self._returned(self.c.hwgen_send_batch(self.port, pointer, len(batch), ctypes.c_uint64(first)))

    def results(self, count: int, first: int, before: Any = None) -> Any:
        """What has come so far; a list of (class, exit, abstain) or None, and what to give back for more."""
        if self.language == "python":
            found = self.pipeline.read_results(count, first, before)
            return found, [entry and (entry["label"], entry["exit"], entry["abstain"]) for entry in found]
        found = (Result * count)() if before is None else before
        self._returned(self.c.hwgen_read_results(self.port, found, count, ctypes.c_uint64(first)))
        return found, [(entry.label, entry.exit, entry.abstain) if entry.valid else None for entry in found]

    def counters(self, clear: bool) -> dict[str, Any]:
        stages = self.module.STAGES
        if self.language == "python":
            return dict(self.pipeline.read_counters(clear))
        found = (ctypes.c_uint64 * (4 + 4 * stages))()
        self._returned(self.c.hwgen_read_counters(self.port, found, int(clear)))
        own = dict(zip(("cycles", "samples_in", "input_stalls", "abstained"), found[:4], strict=True))
        for place, name in enumerate(("left", "busy", "gated", "buffer_full")):
            own[name] = [found[4 + 4 * stage + place] for stage in range(stages)]
        return own

    def errors(self) -> int:
        if self.language == "c":
            return int(self.c.hwgen_take_errors(self.port))
        bits = self.module.Control(None) and self.pipeline.take_errors()
        return sum(
            bits[name] << place for place, name in enumerate(("watchdog", "refused_write", "count", "fault"))
        )


@pytest.fixture(params=["c", "python"])
def setup(design: Design, request: pytest.FixtureRequest) -> tuple[Design, RegisterModel, Driver]:
    model = design.model()
    return design, model, Driver(design, model, request.param)


def day(design: Design, model: RegisterModel, driver: Driver) -> None:
    """Load, choose, send more than fits, read by tag out of order, count."""
    module = driver.module
    driver.check()
    bank = driver.load(None)
    assert (bank, model.active) == (1, 1)
    registers = design.tree.files["manifest.json"]
    expected = [
        [tuple(pair) for pair in policy["registers"]] or [(0, 0)]
        for policy in json.loads(registers)["policies"]
    ]
    assert model.bank(bank, module.GATES, module.POLICIES, 2) == expected
    looks = model.reads
    driver.select(np.int64(len(expected) - 1))
    assert model.reads > looks  # behind a read the write has arrived
    assert model.policy == len(expected) - 1
    batch = samples(design.tree.network, 3 * CAPACITY)
    first = (1 << module.TAG_BITS) - 5  # tags wrap
    sent, kept, answers = 0, None, [None] * len(batch)
    for _ in range(20):
        sent += driver.send(batch[sent:], (first + sent) % (1 << module.TAG_BITS))
        kept, answers = driver.results(len(batch), first, kept)
        if None not in answers:
            break
    assert sent == len(batch) == len(model.sent)
    form = design.tree.network.source.format
    beats = pack(batch, form.width, module.BEATS).reshape(len(batch), module.BEATS, -1)
    for index, (tag, given) in enumerate(model.sent):
        assert tag == (first + index) % (1 << module.TAG_BITS)
        assert given == [beat.tobytes()[: module.BEAT_BYTES] for beat in beats[index]]
        assert answers[index] == model._answer(given, model.policy, 1)
    counted = driver.counters(clear=True)
    assert counted["samples_in"] == len(batch) and sum(counted["left"]) == len(batch)
    assert counted["input_stalls"] > 0 and len(counted["gated"]) == module.STAGES
    assert driver.counters(clear=False)["samples_in"] == 0
    assert driver.errors() == 0


def test_a_day_at_the_board(setup: tuple[Design, RegisterModel, Driver]) -> None:
    day(*setup)


MUTANTS = {
    "the wrong bank": ("!(status &", "!!(status &"),
    "thresholds of one policy in another": ("policy * EACH(", "gate * EACH("),
    "enables of the wrong policy": ("!!enables[policy][gate] << policy", "!!enables[policy][gate] << gate"),
    "no commit": ("store(port, AT(commit), bank);", ""),
    "bits in the wrong place": ("value * HWGEN_VALUE_BITS + bit", "value * (HWGEN_VALUE_BITS + 1) + bit"),
    "every sample the same tag": ("(first_tag + sample)", "(first_tag + 0 * sample)"),
    "results in the order they come": ("results[place]", "results[found]"),
    "no read behind the policy": ("(void)load(port, AT(status));", ""),
    "the exit in the wrong bits": ("data >> 16", "data >> 15"),
    "counters without a snapshot": ("HWGEN_CONTROL__COUNTERS__SNAPSHOT_bm |", "0 |"),
    "counters of the first stage for all": ("stage * EACH(events.stage[0])", "0 * EACH(events.stage[0])"),
}


@pytest.mark.parametrize("name", MUTANTS)
def test_a_broken_driver_is_noticed(design: Design, tmp_path: Path, name: str) -> None:
    if len(design.tree.network.stages) < 3:
        return  # with one stage or gate, some of these mean nothing
    before, after = MUTANTS[name]
    text = (design.folder / "hwgen_pipeline.c").read_text()
    assert before in text
    source, library = tmp_path / "hwgen_pipeline.c", tmp_path / "driver.so"
    source.write_text(text.replace(before, after))
    flags = ["-std=c11", "-w", "-DHWGEN_POLLS=50", f"-I{design.folder}", "-shared", "-fPIC"]
    subprocess.run(["gcc", *flags, str(source), "-o", str(library)], check=True)
    broken, model = Design(design.tree, design.folder, ctypes.CDLL(str(library))), design.model()
    with pytest.raises((AssertionError, RuntimeError, ValueError)):
        day(broken, model, Driver(broken, model, "c"))


def test_counters_of_64_bits(setup: tuple[Design, RegisterModel, Driver]) -> None:
    _, model, driver = setup
    model.counts[("events.cycles", ())] = 0x12345_6789_ABCD
    assert driver.counters(clear=False)["cycles"] == 0x12345_6789_ABCD


def test_what_the_drivers_refuse(setup: tuple[Design, RegisterModel, Driver]) -> None:
    design, model, driver = setup
    module = driver.module
    batch = samples(design.tree.network, 2)
    for wrong in (module.VALUE_MAX + 1, module.VALUE_MIN - 1):
        bad = batch.copy()
        bad.reshape(-1)[1] = wrong
        with pytest.raises(ValueError, match=r"-4|is not in"):
            driver.send(bad, 0)
    with pytest.raises(ValueError, match=r"-4|there are"):
        driver.select(module.POLICIES)
    if module.TAG_BITS < 64:
        with pytest.raises(ValueError, match=r"-4|do not fit"):
            driver.send(batch, 1 << module.TAG_BITS)
    assert model.sent == [] and model.policy == 0
    model.words["inputs_low", ()] ^= 1
    with pytest.raises(Exception, match=r"-1|made from inputs"):
        driver.check()


def test_what_the_hardware_refuses(setup: tuple[Design, RegisterModel, Driver]) -> None:
    design, model, driver = setup
    module = driver.module
    policies = [[(7 + policy, 1)] * module.GATES for policy in range(module.POLICIES)]
    model.stuck = lambda name, at, word: word & ~4 if "threshold" in name else word
    with pytest.raises(Exception, match=r"-3|was read back"):
        driver.load(policies)
    model.stuck = lambda name, at, word: 0 if "enable" in name else word
    with pytest.raises(Exception, match=r"-3|was read back"):
        driver.load(policies)
    model.stuck = lambda name, at, word: word
    assert driver.load(policies) == 1
    assert driver.send(samples(design.tree.network, 1), 3) == 1  # a sample of bank 1 stays inside
    assert driver.load(policies) == 0
    with pytest.raises(Exception, match=r"-2|is not free"):
        driver.load(policies)
    model.errors = 2
    assert driver.errors() == 2 and model.errors == 0
    with pytest.raises(Exception, match=r"-4|none of this batch"):
        driver.results(1, 4)  # the tag is 3
    assert driver.load(policies) == 1


def test_other_results_are_left_for_their_call(setup: tuple[Design, RegisterModel, Driver]) -> None:
    """No call reads more than it was asked for: not for ever, while others send, and not what another one waits for."""
    design, model, driver = setup
    model.newest_first = False
    batch = samples(design.tree.network, 3)
    assert driver.send(batch, 5) == 3
    for index in range(3):
        _, answers = driver.results(1, 5 + index)
        assert answers[0] is not None
    assert driver.results(1, 5)[1] == [None]


def test_policies_of_another_shape(setup: tuple[Design, RegisterModel, Driver]) -> None:
    _, model, driver = setup
    if driver.language == "c":  # there the shape is in the type
        return
    module = driver.module
    policies = [[(7, 1)] * module.GATES for _ in range(module.POLICIES)]
    for wrong in ([], policies[1:], [*policies, policies[0]], [*policies[1:], [*policies[0], (7, 1)]]):
        with pytest.raises(ValueError, match="gates each are needed"):
            driver.load(wrong)
    assert model.active == model.pending == 0 and driver.load(policies) == 1


def test_a_sample_that_is_cut_off_by_the_port_is_an_error(
    setup: tuple[Design, RegisterModel, Driver],
) -> None:
    design, model, driver = setup
    if driver.module.BEATS == 1:  # a single beat is never cut: there is no room, and nothing was sent
        model.put = lambda beat, tag, last: False  # type: ignore[method-assign]
        assert driver.send(samples(design.tree.network, 1), 0) == 0
        return
    taken = model.put
    model.put = lambda beat, tag, last: not last and taken(beat, tag, last)  # type: ignore[method-assign]
    with pytest.raises(Exception, match=r"-2|is not taken after"):
        driver.send(samples(design.tree.network, 1), 0)
