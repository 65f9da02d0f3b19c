"""explore.json: equal area, what hls4ml is told, averages against the cycle model, and what cannot be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import yaml

from hwgen.errors import UsageError
from hwgen.estimate import Subject, fitted
from hwgen.estimate import build_document as estimate_document
from hwgen.estimate.figures import AREA
from hwgen.estimate.sizing import share_of
from hwgen.explore import Request, build_document, draw_explore, read_area
from hwgen.explore.designs import visits_of
from hwgen.explore.document import candidates
from hwgen.explore.fit import fit
from hwgen.explore.rows import area_figures
from hwgen.explore.table import hls_text, terminal_table
from hwgen.recipe.load import load_recipe
from hwgen.report.figures.canvas import standalone
from tests.explore.conftest import BUDGET, SHARES

Ask = Callable[..., Request]


@pytest.fixture(scope="module")
def document(tmp_path_factory: Any) -> dict[str, Any]:
    ask = make_ask(tmp_path_factory.mktemp("explore"))
    return build_document(ask(), fitted())


def make_ask(folder: Any) -> Ask:
    from tests.explore import conftest

    return conftest.ask.__wrapped__(folder)  # type: ignore[attr-defined, no-any-return]


def test_both_fit_the_same_area(document: dict[str, Any]) -> None:
    for design in document["designs"].values():
        assert 0.5 < design["share"] <= 1
        for name, budget in zip(AREA, BUDGET, strict=True):
            figure = design["area"][name]
            assert figure["low"] <= figure["value"] <= figure["high"]
            assert figure["value"] <= budget + 1


def test_the_estimate_of_the_printed_recipe_is_the_sized_design(
    document: dict[str, Any], ask: Ask, tmp_path: Any
) -> None:
    """What is to be pasted, read as any recipe is, gives the intervals and the area that were promised."""
    pasted = yaml.safe_load(hls_text(document))["hls"]
    request = ask(f"hls={yaml.safe_dump(pasted, default_flow_style=True, width=10**6)}")
    subject = Subject(request.loaded, request.network, "", request.gates, SHARES, None)
    found = estimate_document(subject, fitted())
    design = document["designs"]["dynamic"]
    assert [row["interval"]["value"] for row in found["stages"]] == [
        stage["interval"] for stage in design["stages"]
    ]
    assert [stage["interval"] for stage in found["pipeline"]["stages"]] == [
        stage["interval"] for stage in design["stages"]
    ]
    for name in AREA:
        assert found["total"][name]["value"] == pytest.approx(design["area"][name]["value"], abs=2)


def test_every_step_is_told(ask: Ask) -> None:
    told: list[tuple[int, int]] = []
    build_document(ask(), fitted(), lambda done, total: told.append((done, total)))
    total = told[0][1]
    assert told == [(number, total) for number in range(1, total + 1)]


def test_the_cycle_model_confirms_the_averages(document: dict[str, Any]) -> None:
    for design in document["designs"].values():
        run = design["runs"]["test_set"]
        assert run["samples_per_second"] == pytest.approx(design["samples_per_second"], rel=0.03)
    ratio = document["ratio"]
    assert ratio["cycle_model"] == pytest.approx(ratio["averages"], rel=0.03)
    assert ratio["averages"] > 1


def test_latencies_at_the_same_rate(document: dict[str, Any]) -> None:
    static, dynamic = (document["designs"][name]["runs"]["equal_load"] for name in ("static", "dynamic"))
    assert static["samples_per_second"] == pytest.approx(dynamic["samples_per_second"], rel=0.02)
    assert dynamic["latency"]["p50"] < static["latency"]["p50"]
    assert dynamic["latency"]["p50"] < dynamic["latency"]["p99"]


def test_more_samples_that_continue_are_never_faster(document: dict[str, Any]) -> None:
    runs = document["designs"]["dynamic"]["runs"]
    rates = [run["samples_per_second"] for run in runs["shares"].values()]
    assert list(runs["shares"]) == ["-10", "-5", "+5", "+10"]
    assert all(after <= 1.02 * before for before, after in zip(rates, rates[1:], strict=False))
    assert runs["nobody_leaves"]["samples_per_second"] <= rates[-1]


def test_the_curve_rises_with_the_area(document: dict[str, Any]) -> None:
    for name in ("static", "dynamic"):
        rates = [row[name] or 0 for row in document["curve"]]
        assert rates[0] == 0 < rates[-1]
        assert all(after >= 0.999 * before for before, after in zip(rates, rates[1:], strict=False))
    assert document["curve"][-1]["share"] == 1


def test_spare_points_keep_the_rate_when_more_continue(ask: Ask) -> None:
    cycles = {}
    for spare in (0.0, 20.0):
        _, dynamic = candidates(ask(spare=spare), fitted())
        found = fit(dynamic, dynamic.problem(), BUDGET * 0.8)
        assert found is not None
        for points in (0.0, 20.0):
            pairs = zip(visits_of(SHARES, points), found.sizing.intervals, strict=True)
            cycles[spare, points] = max(visit * each for visit, each in pairs)
    assert cycles[20.0, 20.0] < cycles[0.0, 20.0]
    assert cycles[0.0, 0.0] < cycles[20.0, 0.0]


def test_a_strategy_that_the_recipe_names_is_kept(ask: Ask) -> None:
    _, dynamic = candidates(ask("hls={Model: {Strategy: Resource}}"), fitted())
    chosen = dynamic.problem().stages
    named = {
        choice.settings.named
        for stage in chosen
        for _, choices in stage.layers
        for choice in choices
        if len(choices) > 1
    }
    assert named == {"Resource"}


def test_other_settings_of_the_recipe_stay(ask: Ask) -> None:
    request = ask("hls={LayerType: {Dense: {ParallelizationFactor: 1}}, LayerName: {}}")
    _, dynamic = candidates(request, fitted())
    found = fit(dynamic, dynamic.problem(), BUDGET)
    assert found is not None
    assert dynamic.settings(found.sizing)["LayerType"] == {"Dense": {"ParallelizationFactor": 1}}


def test_visits() -> None:
    assert visits_of([0.5, 0.25, 0.25]) == pytest.approx([1, 0.5, 0.25])
    assert visits_of([0.5, 0.25, 0.25], 10) == pytest.approx([1, 0.6, 0.36])
    assert visits_of([0.0, 1.0], 10) == pytest.approx([1, 1])
    assert visits_of([1.0, 0.0]) == [1, 0]


def test_an_area_that_is_too_small_says_what_is_needed(ask: Ask) -> None:
    with pytest.raises(UsageError) as caught:
        build_document(ask(budget=np.array([900.0, 9000.0, 3.0, 3.0])), fitted())
    told = str(caught.value)
    assert told.startswith(
        "--area: the static design does not fit: with its stages folded as far as they go it takes "
    )
    assert "lut, and there are 900 (estimate); take a larger part" in told


def test_a_block_that_is_not_there_at_all(ask: Ask) -> None:
    with pytest.raises(UsageError, match="does not fit|there is none"):
        build_document(ask(budget=np.array([0.0, 9e9, 9e9, 9e9])), fitted())


@pytest.mark.parametrize(
    ("text", "area"),
    [
        (None, [53200, 106400, 220, 280]),
        ("50%", [26600, 53200, 110, 140]),
        ("dsp=10", [53200, 106400, 10, 280]),
        ("lut=1, ff=2,dsp=3,bram_18k=0", [1, 2, 3, 0]),
    ],
)
def test_areas(text: str | None, area: list[float]) -> None:
    assert read_area(text, "xc7z020clg400-1").tolist() == area


@pytest.mark.parametrize("text", ["0%", "101%", "half", "lut=-1", "lut=1,lut=2", "luts=3", "lut", ""])
def test_areas_that_cannot_be_read(text: str) -> None:
    with pytest.raises(UsageError, match="^--area: received"):
        read_area(text, "xc7z020clg400-1")


def test_a_part_that_is_not_in_the_table() -> None:
    with pytest.raises(UsageError, match="not in the table of parts"):
        read_area("50%", "xc7k325tffg900-2")
    assert read_area("lut=1,ff=2,dsp=3,bram_18k=4", "xc7k325tffg900-2").tolist() == [1, 2, 3, 4]


def test_picture_and_tables(document: dict[str, Any]) -> None:
    import xml.etree.ElementTree as ET

    from rich.console import Console

    drawn = standalone(draw_explore(document))
    assert ET.fromstring(drawn).tag == "{http://www.w3.org/2000/svg}svg"
    assert "with early exits" in drawn and "--accent" in drawn
    console = Console(width=180, record=True)
    console.print(terminal_table(document))
    text = console.export_text()
    for word in ("static", "dynamic", "80% interval", "nobody leaves early", "+10 points", "estimate"):
        assert word in text


def test_recipe_text_is_valid(document: dict[str, Any], tmp_path: Any) -> None:
    from tests.explore.conftest import RECIPE

    path = tmp_path / "pasted.yaml"
    path.write_text(RECIPE + hls_text(document))
    assert load_recipe(path, ()).recipe.hls == document["hls"]


@pytest.mark.parametrize("io", ["stream", "parallel"])
@pytest.mark.parametrize("backend", ["Vitis", "Vivado"])
@pytest.mark.parametrize("gate", ["parallel", "serial"])
@pytest.mark.parametrize("strategy", ["", "Latency", "Resource", "Resource_Unrolled"])
def test_cores_have_the_intervals_that_were_chosen(
    ask: Ask, io: str, backend: str, gate: str, strategy: str
) -> None:
    """The pipeline is described from the settings alone, by the way that generate takes."""
    named = (f"hls={{Model: {{Strategy: {strategy}}}}}",) if strategy else ()
    request = ask(f"firmware.io={io}", f"firmware.backend={backend}", f"firmware.gate={gate}", *named)
    for candidate in candidates(request, fitted()):
        problem = candidate.problem()
        for budget in (BUDGET, 4 * BUDGET):
            found = fit(candidate, problem, budget, spend=True)
            if found is None:
                continue
            pipeline, _ = candidate.pipeline(found.sizing)
            assert tuple(stage.pace for stage in pipeline.stages) == found.sizing.intervals
            assert share_of(found.area, budget) <= 1
            area = [figure.value for figure in area_figures(candidate, found).values()]
            assert area == pytest.approx(found.area.tolist(), abs=len(candidate.blocks) + 2)
        assert fit(candidate, problem, 100 * BUDGET) is not None
