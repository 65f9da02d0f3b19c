"""Order and end of steps, with functions in the place of tools and jobs that wait, break off or are lost."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from hwgen.errors import ExitCode, HwgenError, ReportError, ToolFailed
from hwgen.vendor import schedule
from hwgen.vendor.diagnose import Diagnosis
from hwgen.vendor.schedule import run_steps
from hwgen.vendor.status import DONE
from hwgen.vendor.step import Outcome, Step

NEEDS = {"a.cosim": ["a.csynth"], "a.export": ["a.csynth"], "b.cosim": ["b.csynth"], "b.export": ["b.csynth"]}


def made(folder: Path, name: str) -> Step:
    """A step that is never really run."""
    block, _, step = name.partition(".")
    log = folder / "logs" / f"{name}.log"
    return Step(
        block,
        step,
        ("true",),
        {},
        folder,
        (),
        log,
        folder / "stop",
        "0" * 64,
        "1" * 64,
        "vitis_hls 2022.2 tcl",
    )


def done(step: Step) -> Outcome:
    return Outcome(step.name, DONE, 0, "", Diagnosis(""), 0.0)


class Queue(Executor):
    """Jobs that somebody else starts: as on a cluster, a future tells nobody whether its job runs."""

    def __init__(self) -> None:
        self.jobs: dict[str, Future[Any]] = {}

    def submit(self, function: Callable[..., Any], /, *arguments: Any, **_: Any) -> Future[Any]:
        self.jobs[arguments[0].name] = Future()
        return self.jobs[arguments[0].name]


def run(folder: Path, names: list[str], executor: Executor, jobs: int = 8) -> list[str]:
    """What was said."""
    said: list[str] = []
    run_steps([made(folder, name) for name in names], NEEDS, executor, jobs, folder / "stop", say=said.append)
    return said


@pytest.mark.parametrize("jobs", [1, 2, 3, 8])
def test_never_two_steps_of_a_block_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jobs: int
) -> None:
    names = [f"{block}.{step}" for step in ("csim", "csynth", "cosim", "export") for block in "ab"]
    running, most, order = list[str](), 0, list[str]()
    lock = threading.Lock()

    def work(step: Step) -> Outcome:
        nonlocal most
        with lock:
            assert step.block not in running
            assert all(need in order for need in NEEDS.get(step.name, ()))
            running.append(step.block)
            most = max(most, len(running))
        time.sleep(0.05)
        with lock:
            running.remove(step.block)
            order.append(step.name)
        return done(step)

    monkeypatch.setattr(schedule, "run_step", work)
    with ThreadPoolExecutor(jobs) as threads:
        run(tmp_path, names, threads, jobs)
    assert sorted(order) == sorted(names)
    assert most == min(jobs, 2)  # and no less than there is to do


class LostWorker(Exception):
    """As Dask says it."""


@pytest.mark.parametrize(
    ("error", "kind", "message"),
    [
        (
            LostWorker("all of\n3 died"),
            ToolFailed,
            "vitis_hls, a csim: its job ended without an answer (LostWorker: all of 3 died); see the cluster's log",
        ),
        (ReportError("status/a.csim", "is no status of a step"), ReportError, "is no status of a step"),
    ],
)
def test_a_job_without_an_answer(
    tmp_path: Path, error: Exception, kind: type[HwgenError], message: str
) -> None:
    queue = Queue()

    def lose() -> None:
        while "a.csim" not in queue.jobs:
            time.sleep(0.01)
        queue.jobs["a.csim"].set_exception(error)

    thread = threading.Thread(target=lose)
    thread.start()
    started = time.monotonic()
    with pytest.raises(kind, match=re.escape(message)) as caught:
        run(tmp_path, ["a.csim", "b.csim"], queue)
    thread.join()
    assert kind is not ToolFailed or caught.value.exit_code == ExitCode.TOOL_FAILED
    # The other one still waited in the queue: it is taken from there, and nobody waits for it.
    assert queue.jobs["b.csim"].cancelled() and time.monotonic() - started < 10
    assert not (tmp_path / "stop").exists()


def test_an_interrupt_waits_for_what_runs_alone(tmp_path: Path) -> None:
    queue, said = Queue(), list[str]()

    def say(line: str) -> None:
        said.append(line)
        raise KeyboardInterrupt

    def work() -> None:
        while len(queue.jobs) < 2:
            time.sleep(0.01)
        step = made(tmp_path, "a.csim")
        step.log.parent.mkdir(exist_ok=True)
        step.log.write_text("working\n")
        while not step.stop.exists():
            time.sleep(0.01)
        time.sleep(0.5)
        queue.jobs["a.csim"].set_result(done(step))

    thread = threading.Thread(target=work)
    thread.start()
    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        run_steps(
            [made(tmp_path, "a.csim"), made(tmp_path, "b.csim")], {}, queue, 2, tmp_path / "stop", say=say
        )
    assert queue.jobs["a.csim"].done() and not queue.jobs["a.csim"].cancelled()
    assert queue.jobs["b.csim"].cancelled() and time.monotonic() - started < 10
    assert said == ["[a csim] working"]
    thread.join()


def test_a_log_is_told_once_and_never_that_of_an_earlier_run(tmp_path: Path) -> None:
    queue = Queue()
    step = made(tmp_path, "a.csim")
    step.log.parent.mkdir()
    step.log.write_text("old\n" * 100)

    def work() -> None:
        while not queue.jobs:
            time.sleep(0.01)
        time.sleep(2.5 * schedule._TAIL_SECONDS)  # in the queue
        with step.log.open("w") as log:
            for part in ("one\ntw", "o\n", "é\n"):
                log.write(part)
                log.flush()
                time.sleep(1.5 * schedule._TAIL_SECONDS)
        queue.jobs["a.csim"].set_result(done(step))

    thread = threading.Thread(target=work)
    thread.start()
    assert run(tmp_path, ["a.csim"], queue) == ["[a csim] one", "[a csim] two", "[a csim] é"]
    thread.join()
