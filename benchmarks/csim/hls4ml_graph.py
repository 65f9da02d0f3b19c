"""hls4ml's own way to simulate: ModelGraph.compile() and predict()."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path
from typing import Any

import numpy as np

from csim.case import cycled
from csim.timing import Effort, seconds_of, sustained
from hwgen.firmware.stage_hls4ml import _config, _layer_list, _without_tensorflow, _write_graph
from hwgen.fixedpoint import IntArray
from hwgen.recipe import LoadedRecipe
from hwgen.reference.network import Stage


class Graph:
    """hls4ml's project of one stage, from the same layers and types as the stage in the tree.

    Args:
        stage: the stage.
        is_last: outputs logits only.
        loaded: io type and `hls` are its.
        folder: for the project.
    """

    def __init__(self, stage: Stage, is_last: bool, loaded: LoadedRecipe, folder: Path) -> None:
        self.stage = stage
        self.folder = folder
        entries, names, outputs = _layer_list(stage)
        recipe = loaded.recipe
        config = _config(stage, names, recipe.hls, recipe.firmware, str(folder), "speed")
        self.graph: Any = _write_graph(config, entries, outputs[1:] if is_last else outputs, 0)

    def build(self, level: str) -> float:
        """Seconds of hls4ml's script alone, with another level of optimisation than its own."""
        script = self.folder / "build_lib.sh"
        text = script.read_text()
        assert text.count("-O3") == 1
        script.write_text(text.replace("-O3", level))
        # Its warnings would fill the screen; hls4ml hides them too.
        seconds = seconds_of(
            lambda: subprocess.run(["./build_lib.sh"], cwd=self.folder, check=True, capture_output=True)
        )
        script.write_text(text)
        return seconds

    def compile(self) -> dict[str, float]:
        """Compiles as hls4ml does: seconds in all, and those of its script; the rest is writing files."""
        backend = self.graph.config.backend
        script = backend.compile
        spent: list[float] = []

        def clocked(model: Any) -> Any:
            start = time.perf_counter()
            library = script(model)
            spent.append(time.perf_counter() - start)
            return library

        backend.compile = clocked
        try:
            with _without_tensorflow():
                whole = seconds_of(self.graph.compile)
        finally:
            backend.compile = script
        return {"compile_seconds": round(whole, 2), "script_seconds": round(spent[0], 2)}

    def predict(self, raw: IntArray, logits: IntArray, effort: Effort) -> dict[str, Any]:
        """Samples a second of hls4ml's call, which runs in one thread, and whether its logits are right.

        Args:
            raw: what reaches the stage.
            logits: what the reference makes of it.
            effort: for how long.
        """
        inputs = self.stage.source.format.to_real(raw).astype(np.float32)
        lsb = self.stage.logits.format.lsb
        answers: list[Any] = []

        def prepare(count: int) -> Any:
            samples = np.ascontiguousarray(cycled(inputs, count))

            def run() -> None:
                answers[:] = [self.graph.predict(samples)]

            return run

        found = sustained(prepare, 16, effort)
        answer = answers[0][-1] if isinstance(answers[0], list) else answers[0]
        mine = np.rint(np.asarray(answer, dtype=np.float64).reshape(found["samples"], -1) / lsb)
        return found | {"mismatches": int((mine != cycled(logits, found["samples"])).sum())}
