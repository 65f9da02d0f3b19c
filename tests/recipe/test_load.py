"""Reading a recipe: what is accepted, and the one line that says why something is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from hwgen.errors import ExitCode, RecipeError
from hwgen.recipe import Recipe, load_recipe

TEXT = """
name: example
data: {source: digits}
network:
  weights: {bits: 6, integer: 1}
  activations: {bits: 6, integer: 2}
  stages:
    - layers: [{conv: 8, kernel: 3}, {pool: 2}]
      exit: [{flatten}, {dense: classes}]
    - layers: [{conv: 16}, {dropout: 0.2}]
      exit: [{flatten}, {dense: 12}, {dense: classes}]
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "example.yaml"
    file.write_text(TEXT)
    return file


def message(path: Path, *overrides: str) -> str:
    with pytest.raises(RecipeError) as caught:
        load_recipe(path, overrides)
    assert caught.value.exit_code == ExitCode.USAGE
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_defaults_are_filled_in(path: Path) -> None:
    recipe = load_recipe(path).recipe
    assert recipe.seed == 1
    assert recipe.exits.criterion == "score"
    assert recipe.exits.policies == [0, 0.5, 1, 2, 5]
    assert recipe.data.input.model_dump() == {"bits": 8, "integer": 0, "signed": False}
    assert recipe.network.default_bias.model_dump() == {"bits": 12, "integer": 3}


def test_set_replaces_values_and_list_entries(path: Path) -> None:
    overrides = (
        "seed=7",
        "network.stages.1.layers.0.conv=4",
        "exits.policies=[1, 2]",
        "exits.abstain.rate=0.1",
    )
    recipe = load_recipe(path, overrides).recipe
    assert recipe.seed == 7
    assert recipe.network.stages is not None
    assert recipe.network.stages[1].layers[0].conv == 4  # type: ignore[union-attr]
    assert recipe.exits.policies == [1, 2]
    assert recipe.exits.abstain is not None
    assert recipe.exits.abstain.rate == 0.1


@pytest.mark.parametrize(("text", "value"), [("1e-3", 1e-3), ("2", 2.0), ("5E-2", 0.05), (".5", 0.5)])
def test_every_usual_way_to_write_a_number(path: Path, text: str, value: float) -> None:
    assert load_recipe(path, (f"training.learning_rate={text}",)).recipe.training.learning_rate == value


@pytest.mark.parametrize(
    ("override", "line"),
    [
        ("exits.budgt=1", "exits.budgt: unknown key; did you mean 'budget'?"),
        ("nam=x", "nam: unknown key; did you mean 'name'?"),
        (
            "network.stages.0.layers.0.kernl=3",
            "network.stages.0.layers.0.kernl: unknown key; did you mean 'kernel'?",
        ),
        (
            "network.stages.0.layers.0.weights={bit: 3}",
            "network.stages.0.layers.0.weights.bit: unknown key; did you mean 'bits'?",
        ),
        ("data.signed=true", "data.signed: unknown key; known keys: source, path"),
        ("exits.budget=-1", "exits.budget: received -1; must be at least 0"),
        ("exits.budget=101", "exits.budget: received 101; must be at most 100"),
        ("exits.budget=.nan", "exits.budget: received nan; must be a finite number"),
        ("exits.budget=much", "exits.budget: received 'much'; must be a number"),
        ("exits.policies=[200]", "exits.policies.0: received 200; must be at most 100"),
        ("seed=true", "seed: received True; must be a number"),
        ("seed=1.5", "seed: received 1.5; must be a whole number"),
        ("data=3", "data: received 3; must be a mapping of source, path"),
        (
            "data.source=mnist",
            "data.source: received 'mnist'; must be 'digits', 'fashion_mnist', 'npz' or 'openml'",
        ),
        ("data.source=npz", "data.path: source npz needs the path of the file"),
        ("data.calibration=1", "data.calibration: received 1; must be less than 1"),
        ("network.weights.bits=1", "network.weights.bits: received 1; must be at least 2"),
        ("network.stages=[]", "network.stages: received []; must have at least 1 entry"),
        ("network={}", "network: exactly one of network.stages and network.python is needed"),
        (
            "network.stages.0.layers=[{conv: 3, dense: 3}]",
            "network.stages.0.layers.0: exactly one of conv, depthwise, separable, dense, pool, flatten, "
            "dropout must name the layer, received conv, dense",
        ),
        (
            "network.stages.0.layers.0={cnv: 2}",
            "network.stages.0.layers.0: cnv names no layer, did you mean 'conv'?",
        ),
        (
            "network.stages.0.exit=[{dense: classes}, {softmax}]",
            "network.stages.0.exit.1: softmax is not a layer here: hardware gates work on logits: leave softmax out",
        ),
        ("exits.criterion=[score, score]", "exits.criterion: lists 2 entries, but there are 1 early exits"),
        ("training.loss_weights=[1]", "training.loss_weights: lists 1 entries, but there are 2 exits"),
        ("exits.abstain={}", "exits.abstain: needs exactly one of rate and risk"),
        ("name=a b", "name: received 'a b'; a name starts with a letter"),
        ("name=class", "name: received 'class'; this is a keyword of C++, Verilog or Tcl"),
        ("name=always_ff", "name: received 'always_ff'; this is a keyword"),
        ("name=proc", "name: received 'proc'; this is a keyword"),
        ("seed", "--set seed: is not of the form a.b=value"),
        ("name=[1", "--set name: value '[1' is not YAML; quote it"),
        (
            "network.stages.9.layers=3",
            "--set network.stages.9.layers: '9' is no index of a list of 2; count from 0",
        ),
        ("name.x=1", "--set name.x: name holds 'example', nothing can be set inside it"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(path: Path, override: str, line: str) -> None:
    assert message(path, override).startswith(line)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "recipe: is NoneType, expected a mapping"),
        ("[]", "recipe: is list, expected a mapping"),
        ("name: a\nname: b\n", "line 2: the key 'name' is written twice; keep one"),
        ("a: [", "line 1: is not YAML"),
        ("\x00", "is not YAML (special characters are not allowed)"),
        ("name: small\n", "data: the key is missing; add it"),
        ("!!python/object/apply:os.system ['true']", "is not YAML"),
    ],
)
def test_documents_that_are_no_recipe(tmp_path: Path, text: str, part: str) -> None:
    path = tmp_path / "r.yaml"
    path.write_text(text)
    assert part in message(path)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    assert message(tmp_path / "none.yaml").endswith("does not exist; write one with `hwgen init`")
    assert message(tmp_path).endswith("cannot be read (Is a directory); name a recipe file")
    binary = tmp_path / "binary.yaml"
    binary.write_bytes(b"\xff\xfe\xfd")
    assert "cannot be read (it is not UTF-8 text)" in message(binary)


def test_the_resolved_copy_is_a_recipe_with_the_same_meaning(path: Path, tmp_path: Path) -> None:
    loaded = load_recipe(path, ("data={source: npz, path: sub/my.npz}", "training.learning_rate=1e-5"))
    elsewhere = tmp_path / "build" / "example"
    elsewhere.mkdir(parents=True)
    copy = elsewhere / "recipe.yaml"
    copy.write_text(loaded.resolved_yaml(elsewhere))
    again = load_recipe(copy)
    assert again.recipe.data.path is not None
    assert again.resolve(again.recipe.data.path) == tmp_path / "sub" / "my.npz"
    sections = {"data"}
    assert again.recipe.model_dump(exclude=sections) == loaded.recipe.model_dump(exclude=sections)
    assert again.resolved_yaml(elsewhere) == loaded.resolved_yaml(elsewhere)


def test_the_hash_follows_the_meaning_not_the_layout(path: Path) -> None:
    before = load_recipe(path).sha256
    path.write_text("# a comment\n" + TEXT + "seed: 1\n")
    assert load_recipe(path).sha256 == before
    assert load_recipe(path, ("seed=2",)).sha256 != before


def test_schema_describes_the_recipes_of_the_zoo() -> None:
    import jsonschema
    import yaml

    from hwgen.material import material

    schema = Recipe.model_json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    recipes = sorted(material("models").glob("*.yaml"))
    assert recipes
    for recipe in recipes:
        jsonschema.validate(yaml.safe_load(recipe.read_text()), schema)
        load_recipe(recipe)
