"""Runs compiled simulations, split over processes, with progress and a watchdog."""

from __future__ import annotations

import os
import resource
import selectors
import signal
import subprocess
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from hwgen.errors import CheckFailed

SILENCE_SECONDS = 120
"""A simulation that finishes no batch of samples for this long is taken for hung."""
_CRASHED = "crashed: "
_WORDS = 300
"""Characters of a crashed program's last line that are shown."""
_MEMORY_BYTES = 12 << 30
"""A loop that never ends would otherwise fill the machine with stream contents."""
_STACK_BYTES = 1 << 30
"""hls4ml keeps all products of a layer in local arrays: large layers need more than the usual 8 MiB."""

Progress = Callable[[int], None]


@dataclass(frozen=True)
class Share:
    """A range of samples for one process."""

    first: int
    count: int


def shares(samples: int, jobs: int) -> list[Share]:
    """Splits `samples` into at most `jobs` contiguous, nearly equal, non-empty ranges."""
    jobs = max(1, min(jobs, samples))
    bounds = [samples * job // jobs for job in range(jobs + 1)]
    return [Share(start, end - start) for start, end in zip(bounds[:-1], bounds[1:], strict=True)]


def _limit_memory() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    hard = resource.getrlimit(resource.RLIMIT_STACK)[1]
    stack = _STACK_BYTES if hard == resource.RLIM_INFINITY else min(hard, _STACK_BYTES)
    resource.setrlimit(resource.RLIMIT_STACK, (stack, hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _watch(process: subprocess.Popen[bytes], advance: Callable[[int], None]) -> tuple[int | None, bool]:
    """Reads progress lines until the process ends: (last sample reported, hung)."""
    assert process.stdout is not None
    last, pending, heard = None, b"", time.monotonic()
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while True:
            if selector.select(timeout=1.0):
                data = os.read(process.stdout.fileno(), 1 << 16)
                if not data:
                    return last, False
                lines = (pending + data).split(b"\n")
                # Firmware that reads an empty stream prints without end: keep no more than one line.
                pending = lines.pop()[-64:]
                for line in lines:
                    if line.isdigit():
                        last, heard = int(line), time.monotonic()
                        advance(last)
            if time.monotonic() - heard > SILENCE_SECONDS:
                process.kill()
                return last, True


def run(command: list[str], folder: Path, block: str, advance: Callable[[int], None]) -> None:
    """Runs one simulation process to its end.

    Args:
        command: program and arguments.
        folder: working folder, the tree.
        block: what is simulated, for messages.
        advance: called with each sample number the process reports.
    Raises:
        CheckFailed: the simulated code crashed, hung or ended early; names block and sample.
    """
    log = Path(f"{command[-1]}.log")
    with log.open("wb") as errors:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=os.environ | {"HWGEN_TREE": "."},
            stdout=subprocess.PIPE,
            stderr=errors,
            preexec_fn=_limit_memory,  # noqa: PLW1509 - calls setrlimit only
        )
        try:
            last, hung = _watch(process, advance)
            code = process.wait()
        except BaseException:
            process.kill()
            process.wait()
            raise
        finally:
            if process.stdout is not None:
                process.stdout.close()
    where = f"at or after sample {last}" if last is not None else "before the first sample was finished"
    if hung:
        raise CheckFailed(
            block, f"the firmware hung {where}", "look for a loop or stream read that never ends"
        )
    lines = [line for line in log.read_text(errors="replace").splitlines() if line]
    if code < 0:
        name = signal.Signals(-code).name
        if lines and lines[-1].startswith(_CRASHED):  # written by sim/csim/crash.h
            where = lines.pop().removeprefix(_CRASHED)
        # hls4ml asserts what its templates cannot do; the assertion stands at the end of a very long line.
        words = f": {lines[-1][-_WORDS:]}" if lines else ""
        raise CheckFailed(
            block,
            f"the firmware crashed with {name} {where}{words}",
            "the tree was edited or is damaged, or hls4ml has no code for a setting of `hls`",
        )
    if code:
        raise CheckFailed(
            block, f"the simulation ended with exit code {code} {where}: {(lines or ['no message'])[-1]}"
        )
    log.unlink(missing_ok=True)


def run_shares(
    commands: list[list[str]], parts: list[Share], folder: Path, block: str, progress: Progress | None
) -> None:
    """Runs one process per share of the samples, side by side.

    Args:
        commands: one command per share.
        parts: the shares.
        folder: working folder.
        block: what is simulated.
        progress: called with the number of samples finished so far, over all processes.
    """
    done = [0] * len(parts)

    def follow(index: int) -> Callable[[int], None]:
        def advance(sample: int) -> None:
            done[index] = sample - parts[index].first
            if progress is not None:
                progress(sum(done))

        return advance

    with ThreadPoolExecutor(len(commands)) as pool:
        futures = [
            pool.submit(run, command, folder, block, follow(index)) for index, command in enumerate(commands)
        ]
        for future in futures:
            future.result()
    if progress is not None:
        progress(sum(part.count for part in parts))
