"""A design as the estimator sees it: layers, what it is built for, and what had to be assumed of it."""

from __future__ import annotations

from dataclasses import dataclass

from hwgen.latency.layer import LayerShape
from hwgen.latency.rules import Timing


@dataclass(frozen=True)
class Design:
    """One top function of hls4ml.

    Args:
        name: whatever it is called.
        layers: in order, at least one.
        io: `stream` or `parallel`.
        timing: clock, part and tool.
        alone: a layer within a design: nothing is counted for its input and its neighbours.
        fabric: multiplications are kept out of DSPs by hand, as a few published designs do.
    """

    name: str
    layers: tuple[LayerShape, ...]
    io: str
    timing: Timing
    alone: bool = False
    fabric: bool = False

    @property
    def dataflow(self) -> bool:
        """Whether hls4ml lets layers overlap on different samples instead of pipelining the whole."""
        if self.io == "stream":
            return True
        return any(
            layer.kind in ("conv", "depthwise")
            or (layer.products is not None and layer.settings.strategy == "resource")
            for layer in self.layers
        )

    @property
    def assumptions(self) -> tuple[str, ...]:
        """What was assumed of the weights of its layers, each once."""
        found = (layer.products.assumed for layer in self.layers if layer.products is not None)
        return tuple(dict.fromkeys(text for text in found if text))
