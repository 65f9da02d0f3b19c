"""The table of what single-bit faults did, as Markdown."""

from __future__ import annotations

from typing import Any

from hwgen.simulation.rtl.fault_effects import EFFECTS

_MORE = {
    "stays": "a fresh batch is answered wrongly until a reset",
    "stays_silently": "of these, without an error bit",
    "slower": "a fresh batch is right but takes longer",
}


def markdown(result: dict[str, Any]) -> str:
    """A column per kind of bit, a row per effect.

    Args:
        result: from `table` of fault_effects.py.
    """
    kinds = result["kinds"]

    def row(title: str, key: str) -> str:
        return f"| {title} | {' | '.join(f'{kinds[kind][key]:,}' for kind in kinds)} |"

    lines = [
        f"| | {' | '.join(kinds)} |",
        f"|{'---|' * (len(kinds) + 1)}",
        row("bits of state", "bits"),
        row("faults", "injections"),
        *(row(f"**{effect}**: {text}", effect) for effect, text in EFFECTS.items()),
        *(row(text, key) for key, text in _MORE.items()),
    ]
    return "\n".join(lines) + "\n"
