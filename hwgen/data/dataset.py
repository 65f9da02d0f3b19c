"""What a data set is for everything behind it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from hwgen.fixedpoint import FixedPoint, IntArray

AnyArray = npt.NDArray[np.generic]


@dataclass(frozen=True)
class Split:
    """Samples and their classes.

    Args:
        raw: int64 (n, *shape), raw values of the data set's format.
        labels: int64 (n,), 0 <= label < classes.
    """

    raw: IntArray
    labels: IntArray

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True)
class DataSet:
    """A classification data set on the grid of its input format.

    Args:
        source: `data.source` of the recipe.
        classes: number of classes.
        class_names: names by class number, or None if the labels were 0..classes-1 already.
        shape: shape of one sample: (height, width, channels) or (features,).
        format: format of all raw values.
        train: what the network is trained on.
        calibration: what thresholds are fitted on; no sample of it is in `train` or `test`.
        test: what is reported on.
        ood: int64 (n, *shape), samples of no class, or None.
        clipped: split name -> share of its values that saturated.
        warnings: one line each, for the user.
        sha256: hash over the three splits and what they mean; out-of-distribution samples have no part in it, since
            training, thresholds and firmware do not depend on them.
        ood_sha256: hash of `ood`, or None.
    """

    source: str
    classes: int
    class_names: list[str] | None
    shape: tuple[int, ...]
    format: FixedPoint
    train: Split
    calibration: Split
    test: Split
    ood: IntArray | None
    clipped: dict[str, float]
    warnings: list[str]
    sha256: str
    ood_sha256: str | None = None


@dataclass(frozen=True)
class Arrays:
    """What a source delivers: real values and labels as they were found.

    Args:
        where: the source as error messages name it.
        x_train: (n, features), (n, height, width) or (n, height, width, channels).
        y_train: (n,) numbers or text.
        x_test, y_test: likewise, or None where the source has no test set of its own.
        x_ood: samples of no class, or None.
        scale: the real value of a sample is `x * scale`.
        warnings: one line each.
    """

    where: str
    x_train: AnyArray
    y_train: AnyArray
    x_test: AnyArray | None = None
    y_test: AnyArray | None = None
    x_ood: AnyArray | None = None
    scale: float = 1.0
    warnings: list[str] = field(default_factory=list)
