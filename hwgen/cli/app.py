"""The verbs and their options."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from hwgen import __version__
from hwgen.cli.outcome import guarded
from hwgen.errors import ExitCode

app = typer.Typer(
    name="hwgen",
    help="From one recipe to gated, bit-exact early-exit firmware.",
    add_completion=False,
    rich_markup_mode=None,  # plain help needs no rich, which takes longer to load than to answer
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

RecipeFile = Annotated[
    Path, typer.Argument(metavar="RECIPE", help="The recipe, a YAML file.", show_default=False)
]
OutOption = Annotated[
    Path | None, typer.Option("--out", metavar="DIR", help="Where results go. Default: build/<name>/.")
]
SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="a.b=value", help="Replace one value of the recipe; may be repeated."),
]
ForceOption = Annotated[bool, typer.Option("--force", help="Do it again, whatever is there.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Machine output on stdout.")]
TypesOption = Annotated[
    str | None,
    typer.Option(
        "--types", metavar="fast|reference", help="Number types of the simulation; default: simulation.types."
    ),
]
LevelOption = Annotated[
    str | None,
    typer.Option(
        "--level",
        metavar="csim|rtl",
        help="rtl: also the pipeline, cycle by cycle; default: simulation.level.",
    ),
]
TraceOption = Annotated[
    str | None,
    typer.Option("--trace", metavar="none|fst", help="fst: waves of the first samples, with --level rtl."),
]
DebugOption = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")]

STEP_VERBS = {
    "run": "All of train, calibrate, generate, simulate, report; goes on from what is there.",
    "train": "Train the network.",
    "calibrate": "Fit the thresholds of all policies.",
    "generate": "Write the firmware.",
    "simulate": "Compile the firmware as it lies, run the test set, compare.",
    "report": "Write report.json, report.html and junit.xml.",
}


def _step_command(verb: str) -> Callable[..., None]:
    def work(
        recipe: Path,
        out: Path | None,
        overrides: list[str] | None,
        force: bool,
        as_json: bool,
        debug: bool,
        **simulation: str | None,
    ) -> None:
        def call() -> int:
            from hwgen.cli.steps import run_step_verb

            chosen = [f"simulation.{key}={value}" for key, value in simulation.items() if value is not None]
            return run_step_verb(
                verb, recipe, out, (*(overrides or ()), *chosen), force=force, as_json=as_json
            )

        raise typer.Exit(guarded(call, as_json=as_json, debug=debug))

    def command(
        recipe: RecipeFile,
        out: OutOption = None,
        overrides: SetOption = None,
        force: ForceOption = False,
        as_json: JsonOption = False,
        debug: DebugOption = False,
    ) -> None:
        work(recipe, out, overrides, force, as_json, debug)

    def simulating_command(
        recipe: RecipeFile,
        out: OutOption = None,
        overrides: SetOption = None,
        types: TypesOption = None,
        level: LevelOption = None,
        trace: TraceOption = None,
        force: ForceOption = False,
        as_json: JsonOption = False,
        debug: DebugOption = False,
    ) -> None:
        work(recipe, out, overrides, force, as_json, debug, types=types, level=level, trace=trace)

    return simulating_command if verb in ("run", "simulate") else command


for _verb, _help in STEP_VERBS.items():
    app.command(_verb, help=_help, short_help=_help)(_step_command(_verb))


@app.command(short_help="Compare criteria and training methods at the same budgets.")
def compare(
    recipe: RecipeFile,
    out: OutOption = None,
    overrides: SetOption = None,
    methods: Annotated[
        str, typer.Option("--methods", metavar="A,B", help="Training methods beside the recipe's own.")
    ] = "joint,backtrack,jei",
    criteria: Annotated[
        str | None, typer.Option("--criteria", metavar="A,B", help="Criteria to keep to; default: all.")
    ] = None,
    force: ForceOption = False,
    as_json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """Compare all criteria and training methods on one trained backbone; goes on from what is there."""

    def work() -> int:
        from hwgen.cli.compare import run_compare

        chosen = criteria.split(",") if criteria is not None else None
        names = [name for name in methods.split(",") if name]
        return run_compare(recipe, out, tuple(overrides or ()), names, chosen, force=force, as_json=as_json)

    raise typer.Exit(guarded(work, as_json=as_json, debug=debug))


@app.command(short_help="Estimate cycles, area, throughput and energy, with spreads.")
def estimate(
    recipe: RecipeFile,
    out: OutOption = None,
    overrides: SetOption = None,
    as_json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """Estimate cycles, area, throughput and energy from what is there: no tool, no training needed."""

    def work() -> int:
        from hwgen.cli.estimate import run_estimate

        return run_estimate(recipe, out, tuple(overrides or ()), as_json=as_json)

    raise typer.Exit(guarded(work, as_json=as_json, debug=debug))


@app.command(short_help="Size the stages to their visits, against the static network in the same area.")
def explore(
    recipe: RecipeFile,
    area: Annotated[
        str | None,
        typer.Option(
            "--area",
            metavar="AREA",
            help="Budget: a share of the part such as 50%, or lut=N,ff=N,dsp=N,bram_18k=N. Default: the part.",
        ),
    ] = None,
    policy: Annotated[
        float | None,
        typer.Option("--policy", metavar="POINTS", help="Policy by its budget. Default: the active one."),
    ] = None,
    spare: Annotated[
        float,
        typer.Option(
            "--spare",
            metavar="POINTS",
            min=0,
            max=100,
            help="Percentage points more of the samples that continue, for which stages are sized.",
        ),
    ] = 5,
    samples: Annotated[
        int,
        typer.Option("--samples", metavar="N", min=10, help="Test samples sent through the cycle model."),
    ] = 1000,
    out: OutOption = None,
    overrides: SetOption = None,
    as_json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """Choose strategy and reuse factor of every layer for the most samples per second in an area."""

    def work() -> int:
        from hwgen.cli.explore import Wanted, run_explore

        wanted = Wanted(area, policy, spare, samples)
        return run_explore(recipe, out, tuple(overrides or ()), wanted, as_json=as_json)

    raise typer.Exit(guarded(work, as_json=as_json, debug=debug))


@app.command(
    short_help="Synthesise: the pipeline's blocks with Yosys, or the firmware with the vendor's tools."
)
def synth(
    recipe: RecipeFile,
    tool: Annotated[str, typer.Option("--tool", metavar="yosys|vitis|vivado", help="Tool to use.")] = "yosys",
    block: Annotated[
        list[str] | None,
        typer.Option("--block", metavar="NAME", help="Block to work on; may be repeated. Default: all."),
    ] = None,
    step: Annotated[
        list[str] | None,
        typer.Option(
            "--step",
            metavar="csim|csynth|cosim|export|synth|impl",
            help="Vendor's tools: step to run, with what it needs; may be repeated. "
            "Default: vitis the first four, vivado the last two.",
        ),
    ] = None,
    road: Annotated[
        str | None,
        typer.Option(
            "--road", metavar="tcl|unified", help="Vitis: Tcl scripts (default), or v++ and vitis-run."
        ),
    ] = None,
    family: Annotated[
        str | None,
        typer.Option("--family", metavar="xc7|xcu|xcup", help="Yosys: default is that of firmware.part."),
    ] = None,
    jobs: Annotated[
        int | None,
        typer.Option(
            "--jobs", metavar="N", min=1, help="Runs at a time; default: Yosys one per processor, else one."
        ),
    ] = None,
    cluster: Annotated[
        str | None,
        typer.Option(
            "--cluster", metavar="local|slurm|lsf|sge", help="Vendor's tools: as jobs of a cluster, by Dask."
        ),
    ] = None,
    saif: Annotated[
        Path | None,
        typer.Option("--saif", metavar="FILE", help="Vivado: switching activity for the power."),
    ] = None,
    out: OutOption = None,
    overrides: SetOption = None,
    force: ForceOption = False,
    as_json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """Synthesise firmware/ as it lies; goes on from what is there."""

    def work() -> int:
        from hwgen.cli.synth import Request, run_synth

        given = tuple(overrides or ())
        request = Request(tool, block or (), jobs, family, step or (), road, cluster, saif)
        return run_synth(recipe, out, given, request, force=force, as_json=as_json)

    raise typer.Exit(guarded(work, as_json=as_json, debug=debug))


@app.command("import-reports", short_help="Read the reports of the vendor's tools.")
def import_reports(
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="DIR",
            help="Where firmware/scripts ran; or other reports, or one, to show.",
            show_default=False,
        ),
    ],
    out: OutOption = None,
    as_json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """Read resources, latency, timing and power from the reports of firmware/scripts; other reports are only shown."""

    def work() -> int:
        from hwgen.cli.import_reports import run_import

        return run_import(folder, out, as_json=as_json)

    raise typer.Exit(guarded(work, as_json=as_json, debug=debug))


@app.command()
def init(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="File to write.")] = Path("recipe.yaml"),
    debug: DebugOption = False,
) -> None:
    """Write a starter recipe."""

    def work() -> int:
        from hwgen.cli.starter import write_starter

        print(f"{write_starter(file)} written; next: hwgen run {file}")
        return ExitCode.OK

    raise typer.Exit(guarded(work, debug=debug))


@app.command(short_help="Say what is installed, what that allows, how to get the rest.")
def doctor(as_json: JsonOption = False, debug: DebugOption = False) -> None:
    """Say what is installed, what that allows, and how to get the rest."""

    def work() -> int:
        from hwgen.cli.doctor import run_doctor

        return run_doctor(as_json=as_json)

    raise typer.Exit(guarded(work, as_json=as_json, debug=debug))


@app.command()
def schema(debug: DebugOption = False) -> None:
    """Print the JSON Schema of recipes."""

    def work() -> int:
        import json

        from hwgen.recipe import Recipe

        print(json.dumps(Recipe.model_json_schema(), indent=2))
        return ExitCode.OK

    raise typer.Exit(guarded(work, debug=debug))


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"hwgen {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    pass


def main(arguments: list[str] | None = None) -> None:
    """Runs the command line and ends the process with the documented exit code."""
    command = typer.main.get_command(app)
    arguments = sys.argv[1:] if arguments is None else arguments
    try:
        code = command.main(args=arguments or ["--help"], prog_name="hwgen", standalone_mode=False)
    except Exception as error:
        # Usage errors of the parser: the one kind that carries a message made for the user.
        message = getattr(error, "format_message", None)
        if message is None:
            raise
        print(f"hwgen: {' '.join(message().split()).rstrip('.')}; see hwgen --help", file=sys.stderr)
        sys.exit(int(ExitCode.USAGE))
    sys.exit(code if isinstance(code, int) else int(ExitCode.OK))
