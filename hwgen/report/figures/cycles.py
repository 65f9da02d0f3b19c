"""How many cycles samples took that left at each exit, as the RTL simulation counted them."""

from __future__ import annotations

from typing import Any

from matplotlib.ticker import MaxNLocator, PercentFormatter

from hwgen.report.figures.canvas import TOKENS, Picture, drawing, exit_colour, finish


def draw_cycles(report: dict[str, Any]) -> list[Picture]:
    """A histogram per exit, one above the other, with p50 and p99.

    Args:
        report: `rtl.latency.full_rate` as hwgen.simulation.rtl.measures.latency makes it; nothing is drawn without.
    """
    found = report.get("rtl", {}).get("latency", {}).get("full_rate")
    used = [(number, entry) for number, entry in enumerate((found or {}).get("per_exit", []), 1) if entry]
    if not used:
        return []
    most = max(entry["worst"] for _, entry in used)
    with drawing(4.7, 1.05 * len(used) + 0.95, "cycles") as figure:
        rows = figure.subplots(len(used), 1, sharex=True, squeeze=False)[:, 0]
        for axes, (number, entry) in zip(rows, used, strict=True):
            cycles, counts = zip(*entry["histogram"], strict=True)
            shares = [count / entry["samples"] for count in counts]
            axes.bar(cycles, shares, width=max(0.9, most / 220), color=exit_colour(number - 1))
            for mark, style in (("p50", "-"), ("p99", "--")):
                axes.axvline(
                    entry[mark],
                    color=TOKENS["ink"],
                    linewidth=1.1,
                    linestyle=style,
                    label=mark if number == used[0][0] else None,
                )
            axes.set_ylim(0, max(shares) * 1.12)
            axes.yaxis.set_major_locator(MaxNLocator(2))
            axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
            axes.set_title(
                f"exit {number}: {entry['samples']:,} samples, {entry['p50']} at p50, {entry['p99']} at p99, "
                f"{entry['worst']} at worst",
                fontsize=9,
                fontweight="normal",
            )
        rows[-1].set_xlim(0, most * 1.04 + 1)
        rows[-1].xaxis.set_major_locator(MaxNLocator(integer=True))
        rows[-1].set_xlabel(f"clock cycles from the first beat to the result ({found['source']})")
        figure.legend(loc="outside upper right", ncols=2, handlelength=1.6, columnspacing=1.0)
        return [
            finish(
                figure,
                "cycles",
                "Simulated latency in cycles: "
                + "; ".join(
                    f"exit {number}: {entry['samples']} samples, median {entry['p50']}, 99 of 100 within "
                    f"{entry['p99']}, worst {entry['worst']}"
                    for number, entry in used
                )
                + ".",
                "Share of the samples of each exit that took that many cycles.",
            )
        ]
