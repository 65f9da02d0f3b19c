"""Every criterion on every network at the same budgets; each cell is kept as soon as it is there."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

import hwgen.compare.run as compare_run
from hwgen.calibration import calibrate
from hwgen.compare import compare
from hwgen.compare.networks import METHODS
from hwgen.compare.variants import variants
from hwgen.criteria import names, observe
from hwgen.errors import RecipeError, UsageError
from hwgen.recipe.schema import Exits
from hwgen.reference.executor import execute
from tests.steps.conftest import Bench


def run(bench: Bench, *overrides: str, force: bool = False, **options: Any) -> dict[str, Any]:
    bench.lines.clear()
    bench.calls.clear()
    job = bench.job("compare", *overrides, force=force)
    return compare(job, bench.recipe, overrides, **options)


def test_all_criteria_are_compared_and_each_label_is_one_of_its_kind() -> None:
    found = variants(Exits())
    assert {variant.criterion for variant in found} == set(names())
    assert len({variant.label for variant in found}) == len(found)
    assert "score, ensemble" in {variant.label for variant in found}
    assert [variant.label for variant in variants(Exits(), ["margin"])] == ["margin"]


def test_every_criterion_on_every_network(bench: Bench) -> None:
    document = run(bench)
    assert [network["method"] for network in document["networks"]] == list(METHODS)
    assert bench.calls["train"] == len(METHODS)
    kinds = [variant.label for variant in variants(Exits())]
    cells = [(cell["method"], cell["variant"]) for cell in document["cells"]]
    assert cells == [(method, label) for method in METHODS for label in kinds]
    for cell in document["cells"]:
        assert [policy["points"] for policy in cell["policies"]] == document["budgets"]["points"]
        assert len(cell["exits"]) == 3
        assert len(cell["gates"]) == 2
        for policy in cell["policies"]:
            assert policy["measured_drop_points"] <= policy["risk_points"] + 1e-9
            assert sum(policy["share"]) == pytest.approx(1)
    written = json.loads((bench.out / "compare" / "compare.json").read_text())
    assert written == document


def test_figures_are_those_of_the_thresholds(bench: Bench) -> None:
    document = run(bench, methods=[], criteria=["margin"])
    (cell,) = document["cells"]
    job = bench.job("calibrate", "exits.criterion=margin")
    fitted = calibrate(
        job.network,
        execute(job.network, job.data.calibration.raw),
        job.data.calibration.labels,
        job.loaded.recipe.exits,
        job.loaded.recipe.seed,
    )
    seen = observe(fitted.gates, execute(job.network, job.data.test.raw))
    labels = job.data.test.labels
    static = (seen[-1].logits.argmax(axis=1) == labels).mean()
    for index, policy in enumerate(cell["policies"]):
        decided = fitted.decide(seen, index)
        right = decided.class_ == labels
        assert policy["dynamic_accuracy"] == right.mean()
        assert policy["measured_drop_points"] == pytest.approx(100 * (static - right.mean()))
        macs = np.array(job.network.exit_macs())[decided.exit].mean()
        assert policy["mac_reduction"] == pytest.approx(1 - macs / job.network.static_macs)


def test_it_goes_on_where_it_was_stopped(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    real, done = compare_run.measure_cell, []

    def stopping(variant: Any, subject: Any, recipe: Any) -> dict[str, Any]:
        if len(done) == 2:
            raise KeyboardInterrupt
        done.append(variant.label)
        return real(variant, subject, recipe)

    monkeypatch.setattr(compare_run, "measure_cell", stopping)
    with pytest.raises(KeyboardInterrupt):
        run(bench, methods=["backtrack"], criteria=["score", "margin"])
    assert not (bench.out / "compare" / "compare.json").exists()
    monkeypatch.setattr(compare_run, "measure_cell", real)
    document = run(bench, methods=["backtrack"], criteria=["score", "margin"])
    measured = [line for line in bench.lines if line.startswith("compare:")]
    assert len(document["cells"]) == 6
    assert len(measured) == 4, "two of six cells were there"
    assert run(bench, methods=["backtrack"], criteria=["score", "margin"]) == document
    assert not bench.lines
    run(bench, "exits.min_support=3", methods=[], criteria=["score"])
    assert len(bench.lines) == 2, "another recipe, other cells"


def test_the_page_shows_every_row_and_needs_nothing_else(bench: Bench) -> None:
    document = run(bench, methods=[], criteria=["score", "logit_margin"])
    page = (bench.out / "compare" / "compare.html").read_text()
    for cell in document["cells"]:
        assert f"<td>{cell['variant']}</td>" in page
    assert page.count("<svg") == 3
    assert "http" not in page.replace("http://www.w3.org", "")


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"methods": ["joint", "jie"]}, UsageError, r"^--methods: received 'jie'; choose among joint"),
        (
            {"criteria": ["marjin"]},
            RecipeError,
            r"^--criteria: unknown criterion 'marjin'; did you mean 'margin'",
        ),
    ],
)
def test_unknown_names_are_refused_before_anything_is_done(
    bench: Bench, options: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        run(bench, **options)
    assert not bench.calls
