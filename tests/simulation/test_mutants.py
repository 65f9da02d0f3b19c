"""Deliberately broken firmware must be caught, whatever part of the generated C++ is wrong."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from hwgen.errors import CheckFailed, ToolFailed, UsageError
from hwgen.simulation import processes
from hwgen.simulation.compare import add_up
from hwgen.simulation.simulate import Simulation

pytestmark = pytest.mark.gxx

Run = Callable[..., Simulation]


def replace(name: str, old: str, new: str) -> Callable[[Path], None]:
    """An edit of one file; the text must be there, or the mutant would be no mutant."""

    def edit(tree: Path) -> None:
        path = tree / name
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new, 1))

    return edit


def first_weight(name: str) -> Callable[[Path], None]:
    """Changes the first non-zero weight of a file to its negative."""

    def edit(tree: Path) -> None:
        path = tree / name
        text = path.read_text()
        body = text.index("{", text.index(" = ")) if name.endswith(".h") else 0
        match = re.compile(r"-?\d*\.\d*[1-9]\d*").search(text, body)
        assert match is not None
        negated = str(-float(match.group()))
        path.write_text(text[: match.start()] + negated + text[match.end() :])

    return edit


def swap_weights(tree: Path) -> None:
    """Both stages have layers of one shape: what a weight loader that is shared by mistake would do."""
    first, second = tree / "stage1/firmware/weights/w2.txt", tree / "stage2/firmware/weights/w1002.txt"
    second.write_bytes(first.read_bytes())


def test_the_tree_as_generated_agrees(simulate_copy: Run) -> None:
    assert not any(add_up(simulate_copy().comparisons).values())


@pytest.mark.parametrize(
    ("edit", "keys"),
    [
        pytest.param(
            first_weight("stage1/firmware/weights/w2.txt"), {"logits"}, id="weight read by simulation"
        ),
        pytest.param(
            first_weight("stage2/firmware/weights/b1002.h"), {"logits"}, id="weight read by synthesis"
        ),
        pytest.param(swap_weights, {"logits"}, id="weights of another stage"),
        pytest.param(
            replace("stage1/firmware/defines.h", "AP_RND_CONV", "AP_TRN"), {"features"}, id="rounding"
        ),
        pytest.param(
            replace("include/hwgen/criteria/score.h", "s.sum <= threshold", "s.sum < threshold"),
            {"exit"},
            id="gate compares <",
        ),
        pytest.param(
            replace(
                "include/hwgen/argmax.h", "swap = logits[1] > logits[0]", "swap = logits[1] >= logits[0]"
            ),
            {"class"},
            id="ties",
        ),
        pytest.param(
            replace("include/hwgen/gate.h", "leave = enable &&", "leave ="), {"exit"}, id="enable ignored"
        ),
        pytest.param(
            replace("include/hwgen/gate.h", "return representable &&", "return"),
            {"exit"},
            id="over-wide threshold accepted",
        ),
        pytest.param(
            replace("kernel/kernel.cpp", "going = !leave", "going = leave"), {"exit"}, id="gate inverted"
        ),
        pytest.param(
            replace("kernel/kernel.cpp", "going = !leave", "going = true"), {"exit"}, id="always continues"
        ),
        pytest.param(
            replace("kernel/kernel.cpp", "threshold[0], enable[0]", "threshold[1], enable[1]"),
            {"exit"},
            id="threshold of another gate",
        ),
        pytest.param(
            replace("kernel/kernel.cpp", "enable[1] && !leave", "enable[1] && leave"),
            {"abstain"},
            id="abstain inverted",
        ),
        pytest.param(
            replace("kernel/kernel.cpp", "!whole, tag, last", "!whole, tag + 1, last"), {"class"}, id="tag"
        ),
        pytest.param(
            replace(
                "kernel/kernel.cpp",
                "bool going = whole;",
                "bool going = whole;\n        call_stage2(stage1_features, stage2_logits);",
            ),
            {"exit"},
            id="later stage woken for nothing",
        ),
    ],
)
def test_a_broken_tree_is_caught(edit: Callable[[Path], None], keys: set[str], simulate_copy: Run) -> None:
    simulation = simulate_copy(edit)
    found = {key for key, count in add_up(simulation.comparisons).items() if count}
    assert keys <= found
    named = [entry for comparison in simulation.comparisons for entry in comparison.named]
    assert named and all({"block", "layer", "what"} <= entry.keys() for entry in named)


def test_a_crash_is_reported_with_block_and_sample(simulate_copy: Run) -> None:
    edit = replace(
        "kernel/stage2_call.cpp",
        "stage2_calls++;",
        "stage2_calls++;\n    if (stage2_calls == 6) *(volatile int *)0 = 1;",
    )
    with pytest.raises(CheckFailed, match="stage2: the firmware crashed with SIGSEGV in sample 5;"):
        simulate_copy(edit)


def test_a_stack_overflow_is_reported(simulate_copy: Run) -> None:
    edit = replace(
        "kernel/stage2_call.cpp",
        "stage2_calls++;",
        "stage2_calls++;\n    volatile char deep[2u << 30]; deep[0] = deep[sizeof deep - 1] = 1;",
    )
    with pytest.raises(CheckFailed, match="stage2: the firmware crashed with SIGSEGV in sample 0;"):
        simulate_copy(edit)


def test_an_unknown_policy_that_reads_beyond_the_registers_is_caught(simulate_copy: Run) -> None:
    edit = replace("kernel/kernel.cpp", "const bool known = policy < POLICIES", "const bool known = true")
    with pytest.raises(CheckFailed, match="kernel: the firmware crashed with SIGABRT in one of samples 0 to"):
        simulate_copy(edit)


def test_a_hang_is_ended_and_reported(simulate_copy: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "SILENCE_SECONDS", 2)
    with pytest.raises(CheckFailed, match="kernel: the firmware hung at or after sample"):
        simulate_copy(replace("kernel/kernel.cpp", "while (!last)", "while (true)"))


def test_a_tree_that_does_not_compile_shows_the_compilers_words(simulate_copy: Run) -> None:
    with pytest.raises(ToolFailed, match=r"g\+\+, kernel/kernel.cpp: failed") as caught:
        simulate_copy(replace("kernel/kernel.cpp", "bool last = false;", "bool last = no_such_name;"))
    assert "no_such_name" in caught.value.log_tail


def test_a_missing_part_is_named(simulate_copy: Run) -> None:
    with pytest.raises(UsageError, match=r"gate1/gate1.cpp: is missing; run `hwgen generate --force`"):
        simulate_copy(lambda tree: (tree / "gate1" / "gate1.cpp").unlink())
