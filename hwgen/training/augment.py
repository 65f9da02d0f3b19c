"""Random changes of training images: mirrored left to right, shifted by whole pixels."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from hwgen.recipe.schema import Augment

FloatImages = npt.NDArray[np.float32]


def augment(images: FloatImages, options: Augment, rng: np.random.Generator) -> FloatImages:
    """A changed copy of `images`.

    Args:
        images: (n, height, width, channels).
        options: each image is mirrored with probability 1/2 if `flip`, and moved by up to `shift`
            pixels along both axes; what enters is zero.
        rng: source of the random numbers.
    """
    changed = images.copy()
    count, height, width = images.shape[:3]
    if options.flip:
        mirrored = np.flatnonzero(rng.random(count) < 0.5)
        changed[mirrored] = changed[mirrored, :, ::-1]
    reach = options.shift
    if reach:
        padded = np.pad(changed, ((0, 0), (reach, reach), (reach, reach), (0, 0)))
        moves = rng.integers(0, 2 * reach + 1, (count, 2))
        for down in range(2 * reach + 1):
            for right in range(2 * reach + 1):
                chosen = np.flatnonzero((moves[:, 0] == down) & (moves[:, 1] == right))
                changed[chosen] = padded[chosen, down : down + height, right : right + width]
    return changed
