"""Runs steps in the order of their needs, several at a time; the first that fails ends all others."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from pathlib import Path

from hwgen.errors import CheckFailed, HwgenError, ToolFailed, UsageError
from hwgen.vendor.status import DONE, FAILED
from hwgen.vendor.step import Outcome, Step, run_step

_TAIL_SECONDS = 0.3
_TAIL_LINES = 15
_END_SECONDS = 90.0
"""For what is running elsewhere to see that it shall end; a worker that was lost never answers."""


class _Tail:
    """Passes on the lines of growing files."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._read: dict[Path, int] = {}

    def follow(self, steps: Iterable[Step]) -> None:
        """What was added to the logs of some steps, whole lines only."""
        for step in steps:
            try:
                data = step.log.read_bytes()
            except OSError:
                continue
            start = self._read.get(step.log, 0)
            end = data.rfind(b"\n") + 1
            if end > start:
                for line in data[start:end].decode(errors="replace").splitlines():
                    self._say(f"[{step.block} {step.step}] {line}")
                self._read[step.log] = end


def failure(step: Step, outcome: Outcome) -> HwgenError:
    """The error of a step that failed."""
    where = f"{step.tool.split(' ')[0]}, {step.block} {step.step}"
    if outcome.diagnosis.busy:
        return UsageError(where, outcome.diagnosis.error)
    if outcome.diagnosis.mismatch:
        return CheckFailed(where, outcome.diagnosis.error, outcome.diagnosis.remedy)
    lines = step.log.read_text(errors="replace").splitlines() if step.log.is_file() else []
    tail = "\n".join([line for line in lines if line.strip()][-_TAIL_LINES:])
    log = f"the whole log is {step.log}"
    remedy = f"{outcome.diagnosis.remedy}; {log}" if outcome.diagnosis.remedy else log
    return ToolFailed(where, outcome.message, remedy, log_tail=tail)


def _ready(waiting: Sequence[Step], needs: Mapping[str, Sequence[str]], open_names: set[str]) -> list[Step]:
    return [step for step in waiting if not any(need in open_names for need in needs.get(step.name, ()))]


def run_steps(
    steps: Sequence[Step],
    needs: Mapping[str, Sequence[str]],
    executor: Executor,
    jobs: int,
    stop: Path,
    *,
    say: Callable[[str], None],
    ended: Callable[[Outcome], None] = lambda _: None,
) -> None:
    """Runs steps, at most `jobs` at a time.

    Args:
        steps: all of them.
        needs: name of a step -> names of steps that must be done before; those not among `steps` are.
        executor: runs functions, here or elsewhere.
        jobs: most at a time.
        stop: file that ends what is running; made if a step fails or the caller is interrupted.
        say: told every line of every log.
        ended: told every outcome.
    Raises:
        ToolFailed, CheckFailed, UsageError: the first step that failed; nothing is running any more then.
    """
    stop.parent.mkdir(parents=True, exist_ok=True)
    stop.unlink(missing_ok=True)
    waiting, running = list(steps), dict[Future[Outcome], Step]()
    tail = _Tail(say)
    problem: HwgenError | None = None
    try:
        while running or (waiting and problem is None):
            open_names = {step.name for step in (*waiting, *running.values())}
            for step in _ready(waiting, needs, open_names) if problem is None else ():
                if len(running) < jobs:
                    waiting.remove(step)
                    running[executor.submit(run_step, step)] = step
            done, _ = wait(running, timeout=_TAIL_SECONDS, return_when=FIRST_COMPLETED)
            tail.follow(running.values())
            for future in done:
                step = running.pop(future)
                outcome = future.result()
                ended(outcome)
                if outcome.state == FAILED and problem is None:
                    problem = failure(step, outcome)
                    stop.touch()
                elif outcome.state != DONE and problem is None:
                    problem = ToolFailed(f"{step.block} {step.step}", "was cancelled")
    finally:
        left: set[Future[Outcome]] = set()
        if running:
            stop.touch()
            with contextlib.suppress(Exception):
                left = wait(running, timeout=_END_SECONDS).not_done
        if not left:
            stop.unlink(missing_ok=True)
    if problem is not None:
        raise problem
