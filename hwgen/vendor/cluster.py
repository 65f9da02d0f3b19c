"""Where steps run: threads of this machine, or jobs of a cluster through Dask, by the same interface."""

from __future__ import annotations

import importlib
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from hwgen.errors import ToolMissing, UsageError

CLUSTERS = {"slurm": "SLURMCluster", "lsf": "LSFCluster", "sge": "SGECluster"}
"""Name -> class of dask_jobqueue."""
LOCAL = "local"
"""Dask processes on this machine: to try out what a cluster would do."""
NAMES = (LOCAL, *CLUSTERS)
_REMEDY = "install it with `pip install 'hwgen[cluster]'`"


def _import(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise ToolMissing(name.replace("_", "-"), f"cannot be imported ({error})", _REMEDY) from error


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """What is started here does not end by Ctrl-C: a terminal sends it to all processes, and ours ends them itself."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _cluster(name: str, jobs: int) -> Any:
    if name == LOCAL:
        with _deaf_to_interrupts():
            return _import("distributed").LocalCluster(
                n_workers=jobs, threads_per_worker=1, processes=True, dashboard_address=None
            )
    # Queue, cores, memory and time of a job come from Dask's own configuration (jobqueue.yaml).
    try:
        cluster = getattr(_import("dask_jobqueue"), CLUSTERS[name])()
    except ValueError as error:
        raise UsageError(
            "--cluster", f"{name}: {' '.join(str(error).split())}", "fill in Dask's jobqueue.yaml"
        ) from error
    cluster.scale(jobs=jobs)
    return cluster


def check(name: str | None) -> None:
    """Refuses a cluster on which nothing can run, as far as that can be known before.

    Args:
        name: one of `NAMES`, or None.
    Raises:
        ToolMissing: Dask is absent.
        UsageError: an unknown cluster.
    """
    if name is None:
        return
    if name not in NAMES:
        raise UsageError("--cluster", f"received {name!r}", f"one of {', '.join(NAMES)}")
    _import("distributed")


@contextmanager
def executor(name: str | None, jobs: int) -> Iterator[Executor]:
    """What runs the steps.

    Args:
        name: one of `NAMES`; None: this process's threads.
        jobs: most at a time.
    Raises:
        ToolMissing: Dask is absent.
        UsageError: an unknown cluster, or one that is not set up.
    """
    if name is None:
        with ThreadPoolExecutor(jobs) as threads:
            yield threads
        return
    check(name)
    distributed = _import("distributed")
    with _cluster(name, jobs) as cluster, distributed.Client(cluster) as client:
        yield client.get_executor(pure=False, retries=0)
