"""The results as rows: what, measured, goal, met. The same rows go to the terminal and to the page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Results = Mapping[str, Any]
"""csim_speed.json, or a part of it; what was not measured is missing."""
Row = tuple[str, str, str, str]

GOALS = {"stage": 25.0, "compile": 1.0, "kernel": 120.0, "share": 0.5, "exponent": 1.1}
NOT_MEASURED = "not measured"


def _met(good: bool) -> str:
    return "yes" if good else "no"


def _at_least(what: str, value: float | None, text: str, goal: str) -> Row:
    """A row with a lower limit; `text` explains the value."""
    aim = f">= {GOALS[goal]:g}"
    if value is None:
        return what, NOT_MEASURED, aim, ""
    return what, f"{value:.3g}{text}", aim, _met(value >= GOALS[goal])


def _at_most(what: str, value: float | None, text: str, goal: str) -> Row:
    aim = f"<= {GOALS[goal]:g}"
    if value is None:
        return what, NOT_MEASURED, aim, ""
    return what, f"{value:.3g}{text}", aim, _met(value <= GOALS[goal])


def _rate(entry: Results | None) -> float | None:
    return None if not entry else entry.get("samples_per_second")


def _ratio(one: float | None, other: float | None) -> float | None:
    return None if not one or not other else one / other


def _speeds(one: float | None, other: float | None) -> str:
    return f" ({one:,.0f} against {other:,.0f} samples/s)" if one and other else ""


def _seconds(entries: Results) -> dict[str, float]:
    """Seconds per sample of each stage and, if there are several, of all of them one after the other."""
    found = {stage: 1 / entry["samples_per_second"] for stage, entry in entries.items()}
    return found | {"all stages": sum(found.values())} if len(found) > 1 else found


def _stage_rows(io: str, found: Results) -> Iterator[Row]:
    """Speed: fast and reference types against hls4ml, fast types against loops written by hand."""
    for goal, one, other, what in (
        ("stage", "fast", "hls4ml", "fast types / hls4ml -O3"),
        ("", "reference", "hls4ml", "reference types / hls4ml -O3"),
        ("share", "fast", "loop_nest", "fast types / loops written by hand"),
    ):
        mine, theirs = _seconds(found.get(one, {})), _seconds(found.get(other, {}))
        for stage, seconds in mine.items():
            rates = 1 / seconds, 1 / theirs[stage] if stage in theirs else None
            ratio, text, name = _ratio(*rates), _speeds(*rates), f"io_{io} {stage}: {what}"
            if goal:
                yield _at_least(name, ratio, text, goal)
            else:
                yield name, NOT_MEASURED if ratio is None else f"{ratio:.3g}{text}", "", ""
    for stage, entry in found.get("loop_nest", {}).items():
        own, loops = found["fast"][stage]["samples_per_second"], entry["samples_per_second"]
        files = 1 / entry["files_only"]
        what = f"io_{io} {stage}: fast types / loops written by hand, without the time for files"
        yield what, f"{(1 / loops - files) / (1 / own - files):.3g}", "", ""
        what = f"io_{io} {stage}: loops written by hand, with / without vectors"
        yield what, f"{loops / entry['without_vectors']:.3g} (order: {entry['order']})", "", ""


def _compile_rows(io: str, found: Results) -> Iterator[Row]:
    """Seconds of g++ for a stage: unit, main and link here; both units and link in hls4ml's script."""
    for name, level, key in (
        ("fast", "O1", "script_seconds_o1"),
        ("fast", "O3", "script_seconds"),
        ("reference", "O1", "script_seconds_o1"),
    ):
        mine = {stage: entry["compile_seconds"] for stage, entry in found.get(name, {}).items()}
        theirs = {stage: entry[key] for stage, entry in found.get("hls4ml", {}).items()}
        if mine.keys() == theirs.keys():
            mine, theirs = (entry | {"sum of stages": sum(entry.values())} for entry in (mine, theirs))
        for stage in mine:
            one, other = mine[stage], theirs.get(stage)
            ratio = _ratio(one, other)
            text = f" ({one:.1f} s against {other:.1f} s)" if ratio else ""
            what = f"io_{io} {stage}: compiling, {name} types / hls4ml -{level}"
            if (name, level) == ("fast", "O1"):
                yield _at_most(what, ratio, text, "compile")
            else:
                yield what, NOT_MEASURED if ratio is None else f"{ratio:.3g}{text}", "", ""


def _kernel_rows(io: str, found: Results) -> Iterator[Row]:
    """The kernel against hls4ml without exits; the MACs of both stand beside each ratio."""
    theirs = found.get("hls4ml")
    for key, what in (
        ("exits", "kernel, real exits, all cores"),
        ("exits_disabled", "kernel, exits disabled, all cores"),
        ("exits_one_process", "kernel, real exits, one process"),
    ):
        mine = found.get(key)
        if mine is None:
            continue
        ratio, text = _ratio(_rate(mine), _rate(theirs)), _speeds(_rate(mine), _rate(theirs))
        if theirs:
            text += f"; MACs per sample: {mine['macs_per_sample']:,} against {theirs['macs_per_sample']:,}"
        name = f"io_{io}: {what} / hls4ml -O3 without exits, one thread"
        if key == "exits":
            yield _at_least(name, ratio, text, "kernel")
        else:
            yield name, NOT_MEASURED if ratio is None else f"{ratio:.3g}{text}", "", ""


def _scaling_rows(results: Results) -> Iterator[Row]:
    samples = results.get("samples")
    if samples:
        first, last = samples["points"][0]["samples"], samples["points"][-1]["samples"]
        text = f" ({first:,} to {last:,} samples, {samples['stage']}; starting up takes "
        text += f"{1e3 * samples['start_up_seconds']:.0f} ms)"
        yield _at_most("time grows with samples to the power of", samples["exponent"], text, "exponent")
    macs = results.get("macs")
    if macs:
        points = macs["points"]
        text = f" ({points[0]['macs']:,} to {points[-1]['macs']:,} MACs)"
        yield _at_most("time grows with MACs per sample to the power of", macs["exponent"], text, "exponent")
        for point in points:
            measured = f"{point['microseconds_per_sample']:,.1f} us, {point['gmacs_per_second']:.2f} GMAC/s"
            yield f"random network, {point['input']}, {point['macs']:,} MACs: one sample", measured, "", ""


def _verification_rows(io: str, found: Results) -> Iterator[Row]:
    again, first = found["again"], found["first"]
    yield (
        f"io_{io}: `hwgen simulate`, {again['samples']:,} samples, everything remembered",
        f"{again['seconds']:.1f} s of simulation ({again['command_seconds']:.1f} s for the command)", "", "",
    )  # fmt: skip
    yield (
        f"io_{io}: the same the first time",
        f"{first['compile_seconds']:.1f} s compiling, {first['reference_seconds']:.1f} s reference, "
        f"{first['seconds']:.1f} s simulation ({first['command_seconds']:.1f} s for the command)", "", "",
    )  # fmt: skip


def mismatches(results: Any) -> int:
    """Differing values in all measurements together."""
    if isinstance(results, Mapping):
        own = int(results.get("mismatches", 0))
        return own + sum(mismatches(value) for value in results.values())
    return sum(mismatches(value) for value in results) if isinstance(results, list) else 0


def least_share(results: Any) -> float:
    """Of the processor, that a measurement in one process had: 1 if nothing else ran."""
    if isinstance(results, Mapping):
        inner = [least_share(value) for value in results.values()]
        return min([float(results.get("processor_share", 1.0)), *inner])
    return min(map(least_share, results), default=1.0) if isinstance(results, list) else 1.0


def rows(results: Results) -> list[Row]:
    """All rows, for as much as was measured."""
    found: list[Row] = []
    for io, entry in results.get("stages", {}).items():
        found += [*_stage_rows(io, entry), *_compile_rows(io, entry)]
    for io, entry in results.get("kernel", {}).items():
        found += _kernel_rows(io, entry)
    found += _scaling_rows(results)
    for io, entry in results.get("verification", {}).items():
        found += _verification_rows(io, entry)
    if found:
        wrong = mismatches(results)
        found.append(("differing values in all runs above", str(wrong), "0", _met(wrong == 0)))
    return found


def markdown(results: Results) -> str:
    """The table for the page."""
    if not results:
        return f"*{NOT_MEASURED}*"
    lines = ["| what | measured | goal | met |", "|---|---|---|---|"]
    lines += [f"| {' | '.join(row)} |" for row in rows(results)]
    about = results["machine"]
    lines += [
        "",
        f"{about['cores']} cores, {about['cpu']} (`-march={about['target']}`), {about['compiler']}; "
        f"load average at the start {about['load_average']:.2f}, and every measurement in one process had "
        f"its core for at least {100 * least_share(results):.0f} % of the time; `{results['command']}`, "
        f"{results['seconds'] / 60:.0f} minutes.",
    ]
    return "\n".join(lines)
