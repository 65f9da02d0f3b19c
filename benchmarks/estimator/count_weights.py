"""Counts the products of a published layer, for the `products` of its point.

    python benchmarks/estimator/count_weights.py w2.txt 16 64 ap_fixed<8,1>

The file is one that hls4ml writes to firmware/weights: values separated by commas, inputs by outputs. They become
integers as C++ does it: cut off below, wrapped above.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.estimator.layouts import width_of
from hwgen.latency.products import products_of


def counted(text: str, inputs: int, outputs: int, kind: str) -> dict[str, Any]:
    """The entry `products` of a layer.

    Args:
        text: content of the file.
        inputs, outputs: shape of the kernel.
        kind: type of the weights, as in the generated code.
    """
    width, integer = width_of(kind)
    values = np.array([float(value) for value in text.replace("\n", " ").split(",") if value.strip()])
    raw = np.floor(values.reshape(inputs, outputs) * 2.0 ** (width - integer)).astype(np.int64)
    wrapped = (raw + 2 ** (width - 1)) % 2**width - 2 ** (width - 1)
    found = products_of(wrapped)
    return {
        "zeros": found.zeros,
        "digits": list(found.digits),
        "distinct": list(found.distinct),
        "longest": found.longest,
        "narrow": found.narrow,
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file", type=Path)
    parser.add_argument("inputs", type=int)
    parser.add_argument("outputs", type=int)
    parser.add_argument("type", help="for example ap_fixed<8,1>")
    arguments = parser.parse_args()
    print(
        json.dumps(counted(arguments.file.read_text(), arguments.inputs, arguments.outputs, arguments.type))
    )


if __name__ == "__main__":
    main()
