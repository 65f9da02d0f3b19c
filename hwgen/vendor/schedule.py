"""Runs steps in the order of their needs, one of a block at a time; the first that fails ends all others."""

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
_TOLD_LETTERS = 200


class _Tail:
    """Passes on the lines of growing files."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._read: dict[Path, int] = {}

    def follow(self, steps: Iterable[Step]) -> None:
        """What was added to the logs of some steps, whole lines only."""
        for step in steps:
            start = self._read.get(step.log, 0)
            try:
                with step.log.open("rb") as log:
                    log.seek(start)
                    data = log.read()
            except OSError:
                continue
            end = data.rfind(b"\n") + 1
            for line in data[:end].decode(errors="replace").splitlines():
                self._say(f"[{step.block} {step.step}] {line}")
            self._read[step.log] = start + end


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


def _next(
    waiting: Sequence[Step], running: Iterable[Step], needs: Mapping[str, Sequence[str]]
) -> Step | None:
    """The first step that can start: what it needs is done, and its block's project is free."""
    busy, unfinished = set[str](), {step.name for step in waiting}
    for step in running:
        busy.add(step.block)
        unfinished.add(step.name)
    ready = (step for step in waiting if unfinished.isdisjoint(needs.get(step.name, ())))
    return next((step for step in ready if step.block not in busy), None)


def _submit(executor: Executor, step: Step) -> Future[Outcome]:
    """Its job may wait in a queue: until it starts there is no log, not even that of an earlier run."""
    step.log.unlink(missing_ok=True)
    return executor.submit(run_step, step)


def _lost(step: Step, error: Exception) -> ToolFailed:
    """The error of a job that ended without an answer."""
    told = " ".join(f"{type(error).__name__}: {error}".split())[:_TOLD_LETTERS]
    where = f"{step.tool.split(' ')[0]}, {step.block} {step.step}"
    return ToolFailed(
        where, f"its job ended without an answer ({told})", "see the cluster's log; run it again"
    )


def _call_off(running: dict[Future[Outcome], Step], stop: Path) -> None:
    """Ends what is running; what still waits in a queue never starts, and nobody waits for it."""
    stop.touch()
    for future, step in list(running.items()):
        if not step.log.exists() and future.cancel():
            del running[future]


def _answer(step: Step, future: Future[Outcome], ended: Callable[[Outcome], None]) -> HwgenError | None:
    """What is wrong with a step that has ended; None if it is done."""
    try:
        outcome = future.result()
    except HwgenError as error:
        return error
    except Exception as error:  # noqa: BLE001 - Dask has its own for every way to lose a worker
        return _lost(step, error)
    ended(outcome)
    if outcome.state == FAILED:
        return failure(step, outcome)
    return None if outcome.state == DONE else ToolFailed(f"{step.block} {step.step}", "was cancelled")


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
            while problem is None and len(running) < jobs:
                step = _next(waiting, running.values(), needs)
                if step is None:
                    break
                waiting.remove(step)
                running[_submit(executor, step)] = step
            done, _ = wait(running, timeout=_TAIL_SECONDS, return_when=FIRST_COMPLETED)
            tail.follow(running.values())
            for future in done:
                found = _answer(running.pop(future), future, ended)
                problem = problem or found
            if problem is not None:
                _call_off(running, stop)
    finally:
        left: set[Future[Outcome]] = set()
        if running:
            _call_off(running, stop)
            with contextlib.suppress(Exception):
                left = wait(running, timeout=_END_SECONDS).not_done
        if not left:
            stop.unlink(missing_ok=True)
    if problem is not None:
        raise problem
