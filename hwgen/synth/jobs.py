"""Runs of Yosys side by side, each in a folder and a process of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from hwgen.eda import yosys
from hwgen.eda.run import telling_lines
from hwgen.errors import ToolFailed
from hwgen.synth.script import BOX_FILE, CLOCK_BUFFER, SOURCES

_POLL_SECONDS = 0.05


@dataclass(frozen=True)
class Work:
    """One script.

    Args:
        name: of what is synthesised, for messages.
        lines: Yosys commands.
        output: file they write.
        sources: folder of the pipeline.
        boxes: RTL without content that stands for modules which are not there.
    """

    name: str
    lines: Sequence[str]
    output: str
    sources: Path
    boxes: str = ""


@dataclass
class _Running:
    work: Work
    folder: tempfile.TemporaryDirectory[str]
    process: subprocess.Popen[bytes]
    started: float = field(default_factory=time.monotonic)

    @property
    def path(self) -> Path:
        return Path(self.folder.name)

    def end(self) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.folder.cleanup()


def _start(work: Work) -> _Running:
    folder = tempfile.TemporaryDirectory(prefix="hwgen-yosys-")
    path = Path(folder.name)
    (path / BOX_FILE).write_text(CLOCK_BUFFER + work.boxes)
    (path / SOURCES).symlink_to(work.sources.resolve())
    (path / "script.ys").write_text("\n".join(work.lines) + "\n")
    limit = ["bash", "-c", f'ulimit -v {yosys.MEMORY_BYTES >> 10}; exec "$@"', "yosys"]
    with (path / "log").open("wb") as log:
        process = subprocess.Popen(
            [*limit, *yosys.find().command, "script.ys"],
            cwd=path,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # its children end with it
        )
    return _Running(work, folder, process)


def _output(run: _Running) -> str:
    code = run.process.returncode
    log = (run.path / "log").read_text(errors="replace")
    tail = telling_lines(log)
    name = f"yosys, {run.work.name}"
    if code:
        how = f"failed with exit code {code}" if code > 0 else f"was ended by {signal.Signals(-code).name}"
        raise ToolFailed(name, f"{how}: {tail.splitlines()[0] if tail else 'no message'}", log_tail=tail)
    try:
        return (run.path / run.work.output).read_text()
    except OSError as error:
        raise ToolFailed(name, "wrote no result", log_tail=tail) from error


def run_all(works: Sequence[Work], jobs: int) -> Iterator[tuple[Work, str, float]]:
    """Runs scripts, at most `jobs` at a time; nothing is left running when the caller stops or fails.

    Yields:
        the work, what it wrote, seconds; in the order in which they end.
    Raises:
        ToolMissing: no Yosys, or too old.
        ToolFailed: the first one that failed; holds the telling lines of its log.
    """
    waiting, running = list(works), list[_Running]()
    try:
        while waiting or running:
            while waiting and len(running) < max(1, jobs):
                running.append(_start(waiting.pop(0)))
            ended = [run for run in running if run.process.poll() is not None]
            for run in ended:
                running.remove(run)
                try:
                    found = run.work, _output(run), time.monotonic() - run.started
                finally:
                    run.end()
                yield found
            if not ended:
                time.sleep(_POLL_SECONDS)
    finally:
        for run in running:
            run.end()
