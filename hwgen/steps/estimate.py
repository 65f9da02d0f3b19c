"""estimate: estimate.json from what is there; needs no step before it. No part of `run`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from hwgen.calibration import unfitted_gates
from hwgen.errors import HwgenError
from hwgen.estimate import ASSUMPTION, FILE, Subject, assumed_network, build_document, fitted
from hwgen.files import write_atomic
from hwgen.latency.parts import require_family
from hwgen.reference.network import IntegerNetwork, Tensor
from hwgen.reference.storage import load_network
from hwgen.rtl.hls_core import Synthesised
from hwgen.steps.calibrate import calibrate_key
from hwgen.steps.generate import is_current
from hwgen.steps.job import Job, stored_key
from hwgen.steps.preflight import preflight
from hwgen.steps.train import holds, shipped_model, train_key
from hwgen.vendor.rows import CSYNTH

VERB = "estimate"


def _network(job: Job, key: str) -> tuple[IntegerNetwork, str]:
    """The trained network, of this folder or shipped with the recipe; else one with assumed weights."""
    for folder in (job.out.model, shipped_model(job)):
        if holds(folder, key):
            return load_network(folder), ""
    recipe, data = job.loaded.recipe, job.data
    source = Tensor(data.shape, data.format)
    return assumed_network(recipe.network, source, data.classes, recipe.seed), ASSUMPTION


def netlists(job: Job) -> Mapping[str, Any] | None:
    """Counts of `hwgen synth`, if they belong to the firmware that lies there; that has to be the recipe's."""
    from hwgen.synth import load_results

    try:
        return load_results(job.out.path, job.out.firmware / "pipeline")
    except HwgenError as error:
        job.listener.warn(f"{error}; gates are estimated instead")
        return None


def _synthesised(job: Job) -> dict[str, Synthesised]:
    """Cycles that C synthesis reported of the stages of this very firmware."""
    from hwgen.vendor.results import read_vendor

    try:
        document = read_vendor(job.out.path)
    except HwgenError as error:
        job.listener.warn(f"{error}; cycles are estimated instead")
        document = None
    rows = [] if document is None else document["latency"]
    return {
        row["block"]: Synthesised(row["max"], row["interval"])
        for row in rows
        if row["source"] == CSYNTH and None not in (row["max"], row["interval"])
    }


def _subject(job: Job) -> Subject:
    key = train_key(job)
    network, assumed = _network(job, key)
    gates, shares = None, None
    if holds(job.out.model, key) and stored_key(job.out.calibration) == calibrate_key(job):
        calibration = job.calibration
        gates = calibration.gates
        shares = calibration.policies[calibration.active].calibration.share
    if assumed:
        job.listener.info(f"estimate: weights {assumed}; hwgen calibrate gives the rest")
    elif shares is None:
        job.listener.info(
            "estimate: shares of exits unknown, so the worst case only; hwgen calibrate fits them"
        )
    counted, reports = None, dict[str, Synthesised]()
    if shares is not None and is_current(job):
        counted, reports = netlists(job), _synthesised(job)
    chosen = gates if gates is not None else unfitted_gates(network, job.loaded.recipe.exits)
    return Subject(job.loaded, network, assumed, chosen, shares, counted, reports)


def estimate(job: Job) -> dict[str, Any]:
    """Estimates cycles, area, throughput and energy of a recipe.

    Args:
        job: of the recipe.
    Returns:
        The content of `estimate.json`.
    Raises:
        HwgenError: an unknown part, `hls` settings that hls4ml would ignore, or data that cannot be read.
    """
    require_family(job.loaded.recipe.firmware.part)
    preflight(job, VERB)
    with job.out.locked():
        document = build_document(_subject(job), fitted())
        write_atomic(job.out.path / FILE, json.dumps(document, indent=1) + "\n")
    return document
