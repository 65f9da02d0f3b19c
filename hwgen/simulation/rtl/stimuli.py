"""Samples and tags as the bench reads them: packed beats, least significant word first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from hwgen.errors import RangeError
from hwgen.fixedpoint import FixedPoint, IntArray

_ODD = 0x9E3779B97F4A7C15


def pack(raw: IntArray, widths: int | Sequence[int], beats: int = 1) -> npt.NDArray[np.uint32]:
    """Packs integers into the beats of a stream: the first value of a beat in its lowest bits, no gaps.

    Args:
        raw: int64 (n, values); two's complement bits of each are taken.
        widths: bits of every value, or of each value of one beat.
        beats: of a sample; divides the number of values.
    Returns:
        uint32 (n * beats, ceil(bits of a beat / 32)), least significant word first, unused bits 0.
    Raises:
        RangeError: the values cannot be divided into the beats, or a value has more bits than its width.
    """
    flat = raw.reshape(len(raw), -1)
    if flat.shape[1] % beats:
        raise RangeError("beats", f"{flat.shape[1]} values do not fill {beats} beats", "use a divisor")
    rows = flat.reshape(len(flat) * beats, -1)
    sizes = np.full(rows.shape[1], widths) if isinstance(widths, int) else np.asarray(widths)
    low, high = -(1 << np.maximum(sizes - 1, 0)), (1 << sizes) - 1
    bad = np.argwhere((rows < low) | (rows > high))
    if len(bad):
        row, value = (int(index) for index in bad[0])
        raise RangeError(
            f"sample {row // beats}, value {value}",
            f"{int(rows[row, value])} does not fit {sizes[value]} bits",
        )
    total = int(sizes.sum())
    bits = np.zeros((len(rows), -(-total // 32) * 32), dtype=np.uint8)
    start = 0
    for column, size in enumerate(sizes):
        bits[:, start : start + size] = (rows[:, column, None] >> np.arange(size)) & 1
        start += int(size)
    return np.packbits(bits, axis=1, bitorder="little").view("<u4")


def mixed_tags(count: int, tag_bits: int) -> npt.NDArray[np.uint64]:
    """Tags in no order, uint64 (count,): no two equal within 2**tag_bits successive samples."""
    mask = np.uint64((1 << tag_bits) - 1)
    return (np.arange(count, dtype=np.uint64) * np.uint64(_ODD) + np.uint64(_ODD >> 7)) & mask


@dataclass(frozen=True)
class Stimuli:
    """What is sent.

    Args:
        beats: uint32 (samples * beats_per_sample, words), see `pack`.
        bits: of a beat.
        beats_per_sample: beats of one sample.
        tags: uint64, one per send; there may be more sends than samples, which are then sent again.
    """

    beats: npt.NDArray[np.uint32]
    bits: int
    beats_per_sample: int
    tags: npt.NDArray[np.uint64]

    @classmethod
    def of(
        cls, raw: IntArray, form: FixedPoint, tag_bits: int, beats: int = 1, sends: int | None = None
    ) -> Stimuli:
        """Stimuli of samples of one format, with `mixed_tags`.

        Args:
            raw: int64 (n, *shape), raw values of `form`.
            form: format of the network's input.
            tag_bits: width of the tag.
            beats: of a sample.
            sends: how many samples to send, default all of them once.
        """
        form.check(raw, "sample")
        values = int(np.prod(raw.shape[1:]))
        count = len(raw) if sends is None else sends
        return cls(
            pack(raw, form.width, beats), values // beats * form.width, beats, mixed_tags(count, tag_bits)
        )

    @property
    def samples(self) -> int:
        return len(self.beats) // self.beats_per_sample

    def write(self, folder: Path) -> list[str]:
        """Writes both files; returns the bench's arguments that name them."""
        folder.mkdir(parents=True, exist_ok=True)
        self.beats.astype("<u4").tofile(folder / "samples.bin")
        self.tags.astype("<u8").tofile(folder / "tags.bin")
        return [
            f"samples={folder / 'samples.bin'}",
            f"tags={folder / 'tags.bin'}",
            f"count={self.samples}",
            f"beats={self.beats_per_sample}",
            f"bits={self.bits}",
            f"sends={len(self.tags)}",
        ]
