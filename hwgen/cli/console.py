"""What the user sees while a verb works: log lines and progress, all on stderr."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from hwgen.steps import Listener


class Console:
    """Log lines always; a progress bar only on a terminal."""

    def __init__(self) -> None:
        self._bars: Progress | None = None
        self._tasks: dict[str, TaskID] = {}

    def listener(self) -> Listener:
        """What the steps talk to."""
        from hwgen.steps import Listener

        return Listener(self.info, self.warn, self.progress)

    def info(self, line: str) -> None:
        """One line about what is being done."""
        self._line(line)

    def warn(self, line: str) -> None:
        """One line the user should act on."""
        self._line(f"warning: {line}")

    def progress(self, what: str, done: int, total: int) -> None:
        """Shows `done` of `total`; the bar goes when it is full."""
        if not sys.stderr.isatty():
            return
        bars = self._started()
        if what not in self._tasks:
            self._tasks[what] = bars.add_task(what, total=total)
        bars.update(self._tasks[what], completed=done, total=total)
        if done >= total:
            bars.remove_task(self._tasks.pop(what))
            if not self._tasks:
                self.close()

    def close(self) -> None:
        """Takes the progress display off the terminal."""
        if self._bars is not None:
            self._bars.stop()
            self._bars, self._tasks = None, {}

    def _started(self) -> Progress:
        if self._bars is None:
            from rich.console import Console as RichConsole
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

            self._bars = Progress(
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TimeRemainingColumn(),
                console=RichConsole(stderr=True),
                transient=True,
            )
            self._bars.start()
        return self._bars

    def _line(self, line: str) -> None:
        if self._bars is not None:
            self._bars.console.print(line, markup=False, highlight=False, soft_wrap=True)
        else:
            print(line, file=sys.stderr, flush=True)
