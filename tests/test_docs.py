"""The documentation says what the code does: keys, defaults, examples, links, exit codes."""

from __future__ import annotations

import importlib.util
import json
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import typer
import yaml
from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from hwgen.cli.app import app
from hwgen.cli.outcome import INTERRUPTED
from hwgen.criteria import get_criterion
from hwgen.criteria import names as criteria
from hwgen.errors import ExitCode
from hwgen.files import read_npz
from hwgen.recipe import LoadedRecipe, Recipe
from hwgen.recipe.layers import LAYERS, Quantiser
from hwgen.recipe.load import validate
from hwgen.reference.storage import JSON_NAME, network_files, save_network
from hwgen.simulation import processes
from hwgen.simulation.compare import _NAMED_PER_KEY
from hwgen.simulation.simulate import OTHER_POLICIES_SAMPLES
from tests import networks
from tests.reference.test_mutants import MUTANTS
from tests.report.cases import CASES, made

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]


def text_of(name: str) -> str:
    return (ROOT / name).read_text()


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


def rows(text: str) -> list[list[str]]:
    """Cells of all table rows; a pipe inside a cell is not used in these pages."""
    return [
        [cell.strip() for cell in line.strip().strip("|").split("|")]
        for line in text.splitlines()
        if line.startswith("|")
    ]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)]+)\)", page.read_text()):
        path, _, anchor = target.partition("#")
        assert not path.startswith(("http", "/")), target
        found = (page.parent / path).resolve() if path else page
        assert found.exists(), target
        if anchor:
            titles = re.findall(r"^#+ (.+)$", found.read_text(), re.MULTILINE)
            assert anchor in {re.sub(r"[^a-z0-9 -]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_files_named_in_the_text_exist(page: Path) -> None:
    """Paths of this repository; `build/` and what lies in an output folder are made by runs."""
    ours = r"`((?:hwgen|models|firmware_templates|sim|tests|benchmarks|docs)/[\w./-]*)`"
    for name in re.findall(ours, page.read_text()):
        assert (ROOT / name).exists() or name.endswith("results/"), name


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_recipes_are_valid(page: Path) -> None:
    for block in blocks(page.read_text(), "yaml"):
        validate(yaml.safe_load(block))


def test_the_recipe_of_the_readme_is_about_twenty_lines() -> None:
    (recipe,) = blocks(text_of("README.md"), "yaml")
    assert len(recipe.splitlines()) <= 24


@pytest.mark.parametrize("page", ["README.md", "docs/command_line.md"])
def test_exit_codes(page: str) -> None:
    documented = {int(cells[0]) for cells in rows(text_of(page)) if cells[0].isdigit()}
    assert documented - {INTERRUPTED} == {int(code) for code in ExitCode}
    assert str(INTERRUPTED) in text_of(page)


def test_all_verbs_are_described() -> None:
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    readme = text_of("README.md")
    for name in commands:
        assert re.search(rf"hwgen {name}\b|`[^`]*\b{name}\b[^`]*`", readme), name
    for option in ("--out", "--set", "--force", "--json", "--debug"):
        assert option in readme


def all_criteria_pages() -> Iterator[tuple[str, str]]:
    for name in criteria():
        for page in ("docs/decision.md", "docs/recipe.md", "README.md"):
            yield name, page


@pytest.mark.parametrize(("name", "page"), list(all_criteria_pages()))
def test_all_criteria_are_named(name: str, page: str) -> None:
    assert re.search(rf"\b{name}\b", text_of(page))


def test_options_of_criteria() -> None:
    table = {cells[0].strip("`"): cells[2] for cells in rows(text_of("docs/decision.md")) if "." in cells[0]}
    wanted = {
        f"{name}.{option}": f"`{field.default}`"
        for name in criteria()
        for option, field in get_criterion(name).Settings.model_fields.items()
    }
    assert {option: table.get(option) for option in wanted} == wanted


def model_in(annotation: Any) -> type[BaseModel] | None:
    """The section behind a key, if it has keys of its own; number formats and layers are written as one value."""
    candidates = [annotation, *getattr(annotation, "__args__", ())]
    found = [entry for entry in candidates if isinstance(entry, type) and issubclass(entry, BaseModel)]
    return found[0] if found and found[0] is not Quantiser else None


def recipe_keys(model: type[BaseModel] = Recipe, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """(dotted key, default as YAML writes it, or `required`) of everything a recipe may hold."""
    for name, field in model.model_fields.items():
        inner, key = model_in(field.annotation), f"{prefix}{name}"
        if inner is None or field.default is None:
            default = field.default
            if isinstance(default, BaseModel):
                default = default.model_dump()
            yield key, "required" if default is PydanticUndefined else default
        if inner is not None:
            yield from recipe_keys(inner, f"{key}.")


KEYS = dict(recipe_keys())


def documented_keys() -> dict[str, str]:
    return {
        cells[0].strip("`"): cells[2]
        for cells in rows(text_of("docs/recipe.md"))
        if len(cells) == 4 and cells[0][0] == "`"
    }


def test_every_recipe_key_is_documented() -> None:
    assert set(documented_keys()) == set(KEYS)


@pytest.mark.parametrize("key", KEYS)
def test_documented_defaults(key: str) -> None:
    written = documented_keys()[key]
    if KEYS[key] == "required":
        assert written == "required"
    else:
        assert yaml.safe_load(written.strip("`")) == KEYS[key]


def test_every_layer_and_its_keys_are_documented() -> None:
    page = text_of("docs/recipe.md")
    section = page[page.index("## Layers") : page.index("## hls")]
    for kind, model in LAYERS.items():
        (row,) = [cells for cells in rows(section) if cells[0].startswith(f"`{{{kind}")]
        for key in model.model_fields:
            shared = f"`{key}`" in section or f"`{key}: true`" in section
            assert key == kind or f"`{key}" in row[1] or shared, (kind, key)


def report_keys(value: Any, path: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from report_keys(inner, f"{path}.{key}" if path else key)
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        yield from report_keys(value[0], path)
    else:
        yield path


@pytest.mark.parametrize("case", CASES)
def test_every_key_of_the_report_is_documented(case: str) -> None:
    page = text_of("docs/report.md")
    words = set(re.findall(r"[a-z0-9_]+", " ".join(re.findall(r"`([^`]*)`", page))))
    free = ("versions.", "by_block.", "data.input.", "data.clipped.", ".mismatches.", "features.", "logits.")
    for key in report_keys(made(case).report):
        if not any(part in f"{key}." for part in free):
            assert set(key.split(".")) <= words, key


def test_the_written_network_format(tmp_path: Path) -> None:
    """The example has the keys of a real file, and the code beside it runs."""
    page = text_of("docs/integer-network.md")
    (example,) = blocks(page, "json")
    real = json.loads(network_files(networks.images())[JSON_NAME])
    shown = json.loads(example)
    assert shown.keys() == real.keys()
    assert (shown["format"], shown["version"]) == (real["format"], real["version"])
    for index in range(2):
        assert shown["stages"][0]["backbone"][index].keys() == real["stages"][0]["backbone"][index].keys()
    network = networks.images()
    save_network(network, tmp_path)
    assert read_npz(tmp_path / "network.npz")
    (code,) = blocks(page, "python")
    names = {"raw": networks.samples(network, 4)}
    exec(compile(code.replace("build/digits/model", str(tmp_path)), "docs", "exec"), names)
    assert len(names["values"]) == 2


@pytest.mark.tensorflow
def test_the_python_network_of_the_training_page(tmp_path: Path) -> None:
    from hwgen.fixedpoint import FixedPoint
    from hwgen.reference.network import Tensor
    from hwgen.training import build_network

    (code,) = blocks(text_of("docs/training.md"), "python")
    (tmp_path / "my_network.py").write_text(code)
    document = {"name": "own", "data": {"source": "digits"}, "network": {"python": "my_network.py:build"}}
    loaded = LoadedRecipe(validate(document), tmp_path)
    network = build_network(loaded, Tensor((8, 8, 1), FixedPoint(8, 0, False)), 10).export()
    assert (len(network.stages), network.classes) == (2, 10)


def test_numbers_in_the_text() -> None:
    assert f"{len(MUTANTS)} deliberately wrong executors" in text_of("docs/integer-network.md")
    simulation = text_of("docs/simulation.md")
    assert f"the first {OTHER_POLICIES_SAMPLES} |" in simulation
    assert f"up to {_NAMED_PER_KEY} of each kind and block" in simulation
    assert processes.SILENCE_SECONDS == 120
    assert "no progress for two minutes" in simulation


@pytest.fixture(scope="module")
def readme_table() -> ModuleType:
    spec = importlib.util.spec_from_file_location("readme_table", ROOT / "benchmarks" / "readme_table.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_table_of_numbers_is_that_of_the_results(readme_table: ModuleType) -> None:
    """If this fails: python benchmarks/readme_table.py."""
    readme = text_of("README.md")
    assert readme_table.with_table(readme, readme_table.table(readme_table.read_results())) == readme


def test_what_is_not_measured_is_shown_as_such(readme_table: ModuleType) -> None:
    lines = readme_table.table({}).splitlines()[2:]
    assert all("| not measured |" in line for line in lines)
    assert all(line.count("`") >= 2 for line in lines), "every row says its command"


def test_what_the_pipeline_reaches(readme_table: ModuleType) -> None:
    """The figures in the table keep their aims; the controller's is in tests/rtl and tests/synth."""
    found = readme_table.read_results()["pipeline_digits_mlp"]
    assert found["mismatches"] == found["broken_rules"] == 0
    assert found["drop_points"] <= 1
    for rate in ("full_rate", "spaced"):
        assert found["toggles"][rate]["saved"]["early exits"] >= 0.45
    for stage in found["stage_activity"]:
        assert stage["register_toggles"] == pytest.approx(stage["share"], rel=0.1)
    assert all(
        found["speed"][name]["samples_per_second"] >= 100_000 for name in ("early_exits", "exits_disabled")
    )


def test_the_table_of_numbers(readme_table: ModuleType) -> None:
    member = {"macs": 1000, "test_accuracy": 0.9}
    results = {
        "digits_seeds": {
            "mean": {"static": 0.9731, "mac_reduction": 0.898, "drop_points": 0.743}, "seeds": [{}] * 10,
        },
        "fashion_mnist": {
            "static_accuracy": 0.925, "dynamic_accuracy": 0.921, "drop_points": 0.4, "mac_reduction": 0.8,
            "dynamic_macs": 250.0, "mismatches": 0, "samples": 10000,
        },
        "static_family": {
            "networks": {
                "depth3_width1": {"macs": 3000, "test_accuracy": 0.9267},
                "cheap": {"macs": 2000, "test_accuracy": 0.922},
                "nearly": {"macs": 1500, "test_accuracy": 0.9205}, "worse": member,
            }
        },
    }  # fmt: skip
    table = readme_table.table(results)
    for line in (
        "| digits, mean of 10 seeds: static accuracy | 97.3 % |",
        "| digits, mean of 10 seeds: measured drop | 0.74 points |",
        "| fashion_mnist: below the same backbone trained with its last exit alone | 0.17 points |",
        "| fashion_mnist: MACs saved at a measured drop | 80.0 % at 0.40 points |",
        "abstain bit | 0 on 10,000 test samples |",
        "at least as accurate | 2,000 MACs (cheap; 4 of 12 members trained) |",
        "the dynamic one needs than that | 8.0 times (250 MACs a sample) |",
        "at most 0.1 points less accurate | 1,500 MACs (nearly; 4 of 12 members trained) |",
        "the dynamic one needs than that | 6.0 times (250 MACs a sample) |",
    ):
        assert line in table


def test_figures_are_taken_from_a_report(readme_table: ModuleType) -> None:
    report = made("three stages").report
    found = readme_table.extract(report, "hwgen run x.yaml")
    assert found["mismatches"] == report["verdict"]["mismatches"]
    assert found["drop_points"] == report["budget"]["measured_drop_points"]
    assert found["dynamic_macs"] == report["macs"]["dynamic_mean"]
