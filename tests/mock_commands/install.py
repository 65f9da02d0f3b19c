"""Puts mock tools into a folder."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
LOG, FAILURES, VERSIONS = "calls.jsonl", "failures", "versions.json"


@dataclass(frozen=True)
class Mocks:
    """A folder of mock tools."""

    folder: Path

    def add(self, **versions: str) -> Mocks:
        """Adds programs; a dash in a name is written as an underscore twice, a plus as `pp`."""
        path = self.folder / VERSIONS
        known: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
        for key, version in versions.items():
            name = {"vitis__run": "vitis-run", "vpp": "v++"}.get(key, key)
            known[name] = version
            program = self.folder / name
            program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -S -E "{HERE / "mock.py"}" "$0" "$@"\n')
            program.chmod(0o755)
        path.write_text(json.dumps(known))
        return self

    def fail(self, *lines: str) -> None:
        """What goes wrong from now on."""
        (self.folder / FAILURES).write_text("\n".join(lines))

    def calls(self) -> list[dict[str, Any]]:
        """Every call, questions for the version left out."""
        path = self.folder / LOG
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def forget(self) -> None:
        """Drops what was logged."""
        (self.folder / LOG).unlink(missing_ok=True)
