"""The recipe that `hwgen init` writes."""

from __future__ import annotations

from pathlib import Path

from hwgen.errors import UsageError
from hwgen.files import write_atomic
from hwgen.recipe.names import RESERVED, identifier

_TEXT = """\
# A recipe of hwgen. `hwgen schema` describes every key, `hwgen run {file}` runs it.
name: {name}
seed: 1
data:
  source: digits              # digits | fashion_mnist | npz (then path: my.npz) | openml (then openml: name)
  normalize: none             # none | minmax | standard; done off-chip, fitted on training data
  input: {{bits: 8, integer: 0, signed: false}}   # integer: bits left of the point, without the sign
  calibration: 0.2            # share of the training data on which thresholds are fitted
network:
  weights: {{bits: 6, integer: 1}}
  activations: {{bits: 6, integer: 2}}
  stages:                     # each stage: layers of the backbone, and the exit head behind them
    - layers: [{{conv: 8, kernel: 3}}, {{pool: 2}}]
      exit: [{{flatten}}, {{dense: classes}}]
    - layers: [{{conv: 16, kernel: 3}}]
      exit: [{{flatten}}, {{dense: classes}}]
    # a table instead of images: layers: [{{dense: 32}}], exit: [{{dense: classes}}]
training: {{method: joint, epochs: 30, batch: 64, learning_rate: 0.002}}
exits:
  criterion: score            # score | margin | logit_margin; a list gives one per early exit
  budget: 1.0                 # allowed accuracy drop in percentage points; the active policy
  policies: [0, 0.5, 1, 2, 5] # budgets between which the firmware can be switched
  # abstain: {{rate: 0.05, criterion: score}}      # the last exit may answer "I don't know"
firmware: {{backend: Vitis, part: xc7z020clg400-1, clock_ns: 10, io: stream}}   # io: stream | parallel
checks: {{max_drop: 3.0, min_mac_reduction: 0.3}}  # exceeded: exit code 1
"""


def write_starter(file: Path) -> Path:
    """Writes a starter recipe named after the file; never overwrites.

    Raises:
        UsageError: the file exists, or cannot be written.
    """
    if file.exists():
        raise UsageError(str(file), "exists already", "give another file name")
    stem = "".join(
        letter if letter.isascii() and (letter.isalnum() or letter in "_-") else "_" for letter in file.stem
    )
    name = stem if stem[:1].isalpha() and identifier(stem).lower() not in RESERVED else f"my_{stem}"
    write_atomic(file, _TEXT.format(name=name[:60], file=file))
    return file
