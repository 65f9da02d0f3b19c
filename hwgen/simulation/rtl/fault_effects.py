"""What a fault did: from the bench's columns to one word, and counts of those words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from hwgen.simulation.rtl import SOURCE
from hwgen.simulation.rtl.faults import Outcomes

EFFECTS = {
    "none": "every answer right and on time",
    "late": "every answer right, some later than without the fault",
    "alarm": "every answer right, an error bit set",
    "wrong answer": "class, exit or abstain of at least one sample",
    "wrong tag": "an answer under a tag that nobody sent",
    "doubled": "a second answer to a sample",
    "lost": "a sample without an answer, an error bit set, nothing cleared",
    "cleared": "the watchdog cleared the pipeline: error bit set, samples inside lost, the next ones answered",
    "commit waits": "a switch of the bank did not come until the host wrote it again",
    "host stands": "a register access of the host was not answered until reset",
    "hang": "samples without answer and without error bit, or no right answers even after a reset",
}
"""What a fault did; the last that holds."""
_WATCHDOG, REFUSED, _FAULT = 1 << 0, 1 << 1, 1 << 3


def bad(outcomes: Outcomes, batch: str = "") -> np.ndarray:
    """Whether a batch went wrong, bool (n,)."""
    names = ("wrong", "wrong_tag", "doubled", "lost", "unsent", "end", "host")
    return np.any([outcomes[f"{batch}{name}"] != 0 for name in names], axis=0)


def flagged(outcomes: Outcomes) -> np.ndarray:
    """Whether a sticky bit was set, bool (n,)."""
    return (outcomes["raised"] >= 0) | (outcomes["errors"] > 0)


def effects(outcomes: Outcomes) -> list[str]:
    """What each fault did: a key of EFFECTS."""
    set_ = flagged(outcomes)
    # A sample whose tag was upset was answered, only under another name.
    unanswered = (
        (outcomes["lost"] > outcomes["wrong_tag"])
        | ((outcomes["unsent"] > 0) & (outcomes["host"] == 0))
        | (outcomes["end"] == 2)
    )
    cleared = set_ & ((outcomes["errors"] < 0) | (outcomes["errors"] & (_WATCHDOG | _FAULT) != 0))
    never_right = (outcomes["reset"] != 0) & bad(outcomes, "reset_")
    holds = {
        "late": outcomes["cycles"] != outcomes.undisturbed("cycles"),
        "alarm": set_,
        "wrong answer": outcomes["wrong"] != 0,
        "wrong tag": outcomes["wrong_tag"] != 0,
        "doubled": outcomes["doubled"] != 0,
        "lost": unanswered & set_,
        "cleared": cleared & (unanswered | bad(outcomes)),
        "commit waits": outcomes["host"] == 2,
        "host stands": (outcomes["host"] == 1) | ((outcomes["errors"] < 0) & (outcomes["host"] == 0)),
        "hang": (unanswered & ~set_) | never_right,
    }
    found = np.full(len(outcomes.faults), "none", dtype=object)
    for name in EFFECTS:
        if name in holds:
            found[holds[name]] = name
    return [str(name) for name in found]


@dataclass(frozen=True)
class Injection:
    """One fault and what it did.

    Args:
        kind: of the bit, a key of KINDS.
        path, word, bit: of the register or memory.
        cycle: after the setup.
        load: number of the load.
        effect: a key of EFFECTS.
        flagged: a sticky error bit was set.
        refused: a bit says that a write of the host was refused: it has to write again.
        stays: a fresh batch was answered wrongly until a reset.
        slower: a fresh batch took longer.
    """

    kind: str
    path: str
    word: int
    bit: int
    cycle: int
    load: int
    effect: str
    flagged: bool
    refused: bool
    stays: bool
    slower: bool

    @property
    def place(self) -> str:
        """The element without the top and without numbers: the same of all stages."""
        return re.sub(r"\d+", "", self.path.split(".", 1)[1]).replace("[]", "")


def table(injections: Sequence[Injection], bits: Mapping[str, int]) -> dict[str, Any]:
    """Counts by kind, ready for JSON."""
    rows = {}
    for kind in bits:
        here = [item for item in injections if item.kind == kind]
        rows[kind] = {
            "bits": bits[kind],
            "injections": len(here),
            **{effect: sum(item.effect == effect for item in here) for effect in EFFECTS},
            "stays": sum(item.stays for item in here),
            "stays_silently": sum(item.stays and not item.flagged for item in here),
            "slower": sum(item.slower and not item.stays for item in here),
        }
    return {"kinds": rows, "source": SOURCE}
