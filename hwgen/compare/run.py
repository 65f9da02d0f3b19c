"""Runs the comparison: cell by cell, each kept as soon as it is there."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import hwgen
from hwgen.compare.cell import measure_cell
from hwgen.compare.networks import METHODS, check_methods, subjects
from hwgen.compare.page import render_page
from hwgen.compare.subject import Subject
from hwgen.compare.variants import Variant, variants
from hwgen.files import sha256_of, write_atomic
from hwgen.material import code_sha256
from hwgen.report.sections import data_section
from hwgen.report.versions import versions
from hwgen.steps.job import Job, stored_key

FOLDER = "compare"
JSON_NAME, HTML_NAME = "compare.json", "compare.html"
_CODE = ("calibration", "compare", "criteria", "latency", "reference", "report")


def compare(
    job: Job,
    recipe: Path,
    overrides: tuple[str, ...] = (),
    methods: Sequence[str] = METHODS,
    criteria: Sequence[str] | None = None,
) -> dict[str, Any]:
    """All variants on all networks; what is there already is not done again.

    Args:
        job: of the recipe.
        recipe: the recipe file.
        overrides: as given on the command line.
        methods: training methods to compare, beside the recipe's own.
        criteria: names to keep to; default: all.
    Returns:
        The content of compare.json.
    Raises:
        UsageError: an unknown method.
        RecipeError: an unknown criterion, or a recipe that cannot be used.
    """
    check_methods(methods)
    chosen = variants(job.loaded.recipe.exits, criteria)
    folder = job.out.path / FOLDER
    with job.out.locked():
        folder.mkdir(parents=True, exist_ok=True)
        networks = subjects(job, recipe, overrides, methods)
        cells: list[dict[str, Any]] = []
        total = len(networks) * len(chosen)
        for subject in networks:
            for variant in chosen:
                job.listener.progress("compare", len(cells), total)
                cells.append(_cell(job, subject, variant, folder / "cells"))
        job.listener.progress("compare", total, total)
        document = _document(job, networks, cells)
        write_atomic(folder / JSON_NAME, json.dumps(document, indent=1, allow_nan=False) + "\n")
        write_atomic(folder / HTML_NAME, render_page(document))
    return document


def _cell(job: Job, subject: Subject, variant: Variant, folder: Path) -> dict[str, Any]:
    """One cell, from its file if that was made from the same inputs."""
    recipe = job.loaded.recipe
    exits = variant.exits(recipe.exits).model_dump(mode="json")
    firmware = recipe.firmware.model_dump(mode="json")
    trained = subject.trained and dict(subject.trained)
    data = [job.data.sha256, job.data.ood_sha256]
    key = sha256_of(code_sha256(*_CODE), subject.sha256, data, exits, firmware, trained, recipe.seed)
    path = folder / f"{subject.method}-{variant.label.replace(', ', '-').replace(' ', '_')}.json"
    if stored_key(path) == key and "compare" not in job.force:
        entry: dict[str, Any] = json.loads(path.read_text())
        return entry
    job.listener.info(f"compare: {subject.method}, {variant.label}")
    entry = {"inputs_sha256": key, **measure_cell(variant, subject, recipe)}
    folder.mkdir(exist_ok=True)
    write_atomic(path, json.dumps(entry, indent=1) + "\n")
    return entry


def _document(job: Job, networks: list[Subject], cells: list[dict[str, Any]]) -> dict[str, Any]:
    recipe = job.loaded.recipe
    return {
        "tool": f"hwgen {hwgen.__version__}",
        "recipe": {"name": recipe.name, "sha256": job.loaded.sha256, "seed": recipe.seed},
        "versions": versions(),
        "data": data_section(job.data),
        "budgets": {
            "calibration": recipe.exits.calibration,
            "points": sorted({float(points) for points in (*recipe.exits.policies, recipe.exits.budget)}),
            "active": float(recipe.exits.budget),
        },
        "networks": [
            {
                "method": subject.method,
                "accuracy": subject.accuracy,
                "static_macs": subject.network.static_macs,
                "exit_macs": subject.network.exit_macs(),
            }
            for subject in networks
        ],
        "cells": [{key: value for key, value in cell.items() if key != "inputs_sha256"} for cell in cells],
    }
