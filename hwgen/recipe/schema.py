"""Structure of a recipe. Every field's description is what `hwgen schema` prints."""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from hwgen.recipe.layers import LayerEntry, Quantiser, Strict, number_only
from hwgen.recipe.names import check_name

Number = Annotated[float, BeforeValidator(number_only), Field(allow_inf_nan=False)]
Points = Annotated[Number, Field(ge=0, le=100)]
Fraction = Annotated[Number, Field(ge=0, le=1)]
Whole = Annotated[int, BeforeValidator(number_only)]
Criterion = Annotated[str, Field(min_length=1)]


class InputFormat(Strict):
    """Number format of the network's input."""

    bits: Whole = Field(8, ge=1, le=16)
    integer: Whole = Field(0, ge=-16, le=16, description="Bits left of the point, without the sign.")
    signed: bool = False


class Data(Strict):
    """Where the samples come from and how they become integers."""

    source: Literal["digits", "fashion_mnist", "npz", "openml"]
    path: str | None = Field(None, description="npz file, or folder of the Fashion-MNIST files.")
    openml: str | None = Field(None, description="Name of the OpenML data set.")
    normalize: Literal["none", "minmax", "standard"] = Field(
        "none", description="Off-chip, fitted on training data."
    )
    input: InputFormat = InputFormat()
    calibration: Number = Field(0.2, gt=0, lt=1, description="Share of the training data held out.")
    test: Number = Field(0.2, gt=0, lt=1, description="Share of sources without a test set (digits, openml).")
    ood: Literal["digits", "fashion_mnist", "noise"] | None = Field(
        None, description="Built-in out-of-distribution samples; an npz file may hold its own as x_ood."
    )

    @model_validator(mode="after")
    def _needs(self) -> Data:
        if self.ood == self.source:
            raise PydanticCustomError(
                "needs", "{name} is the data itself, out-of-distribution samples come from another set",
                {"key": "data.ood", "name": self.ood},
            )  # fmt: skip
        if self.source == "npz" and not self.path:
            raise PydanticCustomError("needs", "source npz needs the path of the file", {"key": "data.path"})
        if self.source == "openml" and not self.openml:
            raise PydanticCustomError(
                "needs", "source openml needs the name of the data set", {"key": "data.openml"}
            )
        return self


class StageRecipe(Strict):
    """A backbone segment and the exit head behind it."""

    layers: list[LayerEntry] = Field(min_length=1)
    exit: list[LayerEntry] = Field(min_length=1)


class Network(Strict):
    """The multi-exit network: a layer list, or a Python function that builds it."""

    weights: Quantiser = Quantiser(bits=8, integer=0)
    activations: Quantiser = Quantiser(bits=8, integer=2)
    bias: Quantiser | None = Field(
        None, description="Default: 12 bits, one integer bit more than activations."
    )
    stages: list[StageRecipe] | None = Field(None, min_length=1)
    python: str | None = Field(None, pattern=r"^.+\.py:[A-Za-z_]\w*$", description="file.py:function")

    @model_validator(mode="after")
    def _one_source(self) -> Network:
        if (self.stages is None) == (self.python is None):
            raise PydanticCustomError("needs", "exactly one of network.stages and network.python is needed")
        return self

    @property
    def default_bias(self) -> Quantiser:
        return self.bias or Quantiser(bits=12, integer=min(self.activations.integer + 1, 11))


class Augment(Strict):
    """Random changes of training images."""

    flip: bool = Field(False, description="Mirror left to right.")
    shift: Whole = Field(0, ge=0, le=16, description="Largest shift in pixels, both axes.")


class Jei(Strict):
    """How method `jei` weighs accuracy against work."""

    cost: Number = Field(
        0.5, ge=0, le=100, description="Cross entropy that running the whole network is worth."
    )


class Training(Strict):
    """How the network is trained."""

    method: Literal["joint", "backtrack", "jei"] = Field(
        "joint",
        description="joint: all exits at once. backtrack: the backbone with the last head, then each earlier head. "
        "jei: the backbone with the last head, then the earlier heads together with learned gates.",
    )
    epochs: Whole = Field(30, ge=1, le=10000)
    batch: Whole = Field(64, ge=1, le=65536)
    learning_rate: Number = Field(0.002, gt=0, le=10)
    schedule: Literal["constant", "cosine"] = "cosine"
    loss_weights: list[Annotated[Number, Field(ge=0)]] | None = Field(
        None, description="One per exit; default: 1 for each. Method joint only."
    )
    float_epochs: Whole | None = Field(
        None,
        ge=0,
        description="Of `epochs`, how many before quantisation. Default: two thirds with batch_norm, else 0.",
    )
    head_epochs: Whole | None = Field(
        None,
        ge=1,
        le=10000,
        description="Epochs of the earlier heads (backtrack: of each) behind the frozen backbone. "
        "Default: `epochs`. Methods backtrack and jei only.",
    )
    jei: Jei = Jei()
    start: str | None = Field(
        None,
        min_length=1,
        description="Trained network to start from: a model folder, or a .keras or .h5 file of Keras or QKeras.",
    )
    freeze: Literal["backbone", "static", "body", "none"] | None = Field(
        None,
        description="What of `start` is kept as it is. backbone (default): the backbone and the heads it came "
        "with. static: the backbone and the last head; earlier heads start fresh. body: all but the last layer "
        "of every head. none: nothing.",
    )
    augment: Augment = Augment()

    @model_validator(mode="after")
    def _freezes_something(self) -> Training:
        if self.freeze is not None and self.start is None:
            raise PydanticCustomError(
                "freeze",
                "received '{value}', but there is no trained network to freeze; set training.start or leave it out",
                {"key": "training.freeze", "value": self.freeze},
            )
        return self


class Abstain(Strict):
    """The last exit may answer "I don't know"."""

    rate: Number | None = Field(
        None, gt=0, lt=1, description="Share of all samples that may be left unanswered."
    )
    risk: Number | None = Field(
        None, gt=0, lt=1, description="Share of wrong answers among all answers that may remain."
    )
    criterion: Criterion = "score"

    @model_validator(mode="after")
    def _one_of_them(self) -> Abstain:
        if (self.rate is None) == (self.risk is None):
            raise PydanticCustomError("needs", "needs exactly one of rate and risk", {"key": "exits.abstain"})
        return self


class Risk(Strict):
    """What `risk_control` promises: the risk exceeds the budget with probability at most delta."""

    delta: Number = Field(0.1, gt=0, lt=1, description="Probability that a proof is wrong.")
    control: Literal["probability", "mean"] = Field(
        "probability",
        description="probability: each budget holds with probability 1 - delta. "
        "mean: it holds on average over calibration splits.",
    )


class Exits(Strict):
    """When a sample leaves."""

    criterion: Criterion | list[Criterion] = Field("score", description="One for all, or one per early exit.")
    calibration: Literal["cascade", "risk_control"] = Field(
        "cascade",
        description="cascade: budgets hold on the calibration split. risk_control: they are proven for new data.",
    )
    risk: Risk = Field(Risk(), description="For calibration: risk_control.")
    budget: Points = Field(1.0, description="Allowed accuracy drop in percentage points; the active policy.")
    policies: list[Points] = Field([0, 0.5, 1, 2, 5], min_length=1, max_length=16)
    temperature: Annotated[Number, Field(ge=0.05, le=20)] | Literal["fit"] = Field(
        1.0, description="Divides the logits. fit: one per exit, fitted on the calibration split."
    )
    settings: dict[str, dict[str, Any]] = Field({}, description="Options of criteria, by their name.")
    ensemble: bool = Field(
        False, description="Each exit decides on the weighted mean of its own and all earlier probabilities."
    )
    search: Literal["joint", "epsilon"] = Field("joint", description="epsilon: the one-parameter rule.")
    min_support: Whole = Field(10, ge=1, description="Fewest calibration samples that must leave at an exit.")
    abstain: Abstain | None = None


class Firmware(Strict):
    """What is generated, and for which part."""

    backend: Literal["Vitis", "Vivado"] = "Vitis"
    part: str = Field("xc7z020clg400-1", pattern=r"^[A-Za-z0-9_-]+$")
    clock_ns: Number = Field(10, gt=0, le=1000)
    io: Literal["stream", "parallel"] = "stream"
    gating: Literal["start", "clock"] = "clock"
    gate: Literal["parallel", "serial"] = Field(
        "parallel", description="parallel: all logits of a sample at once. serial: one logit per cycle."
    )
    rtl: Literal["hls", "da4ml", "none"] = Field(
        "hls",
        description="hls: stages of the pipeline are the HLS projects. da4ml: RTL by da4ml, for small ones. "
        "none: no pipeline.",
    )
    tag_bits: int = Field(16, ge=1, le=64, description="Width of the tag that travels with a sample.")
    reorder: bool = Field(False, description="Results leave the pipeline in the order of the samples.")
    parity: bool = Field(
        True,
        description="Parity bits on the pipeline's pointers, counts and valid bits: an upset one is noticed.",
    )
    wake: int = Field(2, ge=0, le=255, description="Cycles a stage's clock runs before the first beat.")
    hysteresis: int = Field(4, ge=0, le=255, description="Cycles it runs on after the last sample.")


class Simulation(Strict):
    """How the firmware is simulated."""

    types: Literal["fast", "reference"] = Field(
        "fast", description="fast: native integers, same results. reference: the vendor's ap_types."
    )
    level: Literal["csim", "rtl"] = Field(
        "csim",
        description="csim: the compiled C++. rtl: then also the pipeline, cycle by cycle, by Verilator.",
    )
    trace: Literal["none", "fst"] = Field(
        "none", description="fst: with level rtl, waves of the first samples in simulation/pipeline.fst."
    )

    @model_validator(mode="after")
    def _needs(self) -> Simulation:
        if self.trace != "none" and self.level != "rtl":
            raise PydanticCustomError("needs", "trace fst needs level rtl", {"key": "simulation.level"})
        return self


Corruption = Literal["gaussian_noise", "blur", "contrast", "brightness", "pixelate"]
CORRUPTIONS: tuple[Corruption, ...] = get_args(Corruption)


def _known_corruptions(value: Any) -> Any:
    """Names the entry that is none, which a union would not."""
    entries = value if isinstance(value, list) else [] if value in ("none", "all") else [value]
    for entry in entries:
        if entry not in CORRUPTIONS:
            raise PydanticCustomError(
                "corruption", f"must be none, all, or a list of {', '.join(CORRUPTIONS)}, not {entry!r}"
            )
    return entries or value


class Evaluation(Strict):
    """What the report measures beyond the test split."""

    corruptions: Annotated[Literal["none", "all"] | list[Corruption], BeforeValidator(_known_corruptions)] = (
        Field("none", description="Corruptions of test images, each at five severities.")
    )
    samples: Whole = Field(
        500, ge=1, le=100000, description="Test images each is measured on, taken at equal distances."
    )

    @property
    def corruption_names(self) -> list[Corruption]:
        """The corruptions asked for, each once."""
        if isinstance(self.corruptions, str):
            return list(CORRUPTIONS) if self.corruptions == "all" else []
        return list(dict.fromkeys(self.corruptions))


class Checks(Strict):
    """Limits that fail a run (exit code 1) when exceeded."""

    max_drop: Points | None = Field(None, description="Percentage points, measured on test data.")
    min_mac_reduction: Fraction | None = None
    min_accuracy: Fraction | None = Field(None, description="Dynamic accuracy on test data.")
    max_latency_cycles: Number | None = Field(None, gt=0, description="Worst case.")
    max_lut: Whole | None = Field(None, ge=0)
    max_ff: Whole | None = Field(None, ge=0)
    max_dsp: Whole | None = Field(None, ge=0)
    max_bram_18k: Whole | None = Field(None, ge=0)


class Recipe(Strict):
    """One recipe: data, network, training, exits, firmware, checks."""

    name: Annotated[str, AfterValidator(check_name)]
    seed: Whole = Field(1, ge=0, lt=2**31)
    data: Data
    network: Network
    training: Training = Training()
    exits: Exits = Exits()
    firmware: Firmware = Firmware()
    hls: dict[str, Any] = Field({}, description="Handed to hls4ml word for word.")
    simulation: Simulation = Simulation()
    evaluation: Evaluation = Evaluation()
    checks: Checks = Checks()

    @model_validator(mode="after")
    def _consistent(self) -> Recipe:
        stages = self.network.stages
        if stages is not None:
            if isinstance(self.exits.criterion, list) and len(self.exits.criterion) != len(stages) - 1:
                raise PydanticCustomError(
                    "criterion",
                    "lists {given} entries, but there are {wanted} early exits",
                    {"key": "exits.criterion", "given": len(self.exits.criterion), "wanted": len(stages) - 1},
                )
            weights = self.training.loss_weights
            if weights is not None and len(weights) != len(stages):
                raise PydanticCustomError(
                    "loss_weights",
                    "lists {given} entries, but there are {wanted} exits",
                    {"key": "training.loss_weights", "given": len(weights), "wanted": len(stages)},
                )
        return self
