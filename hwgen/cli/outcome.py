"""From exceptions to the documented exit codes and one line on stderr."""

from __future__ import annotations

import json
import os
import sys
import tempfile
import traceback
from collections.abc import Callable

from hwgen.errors import ExitCode, HwgenError, ToolFailed

INTERRUPTED = 130
"""What shells use for a program ended by Ctrl-C."""


def guarded(work: Callable[[], int], *, as_json: bool = False, debug: bool = False) -> int:
    """Runs `work` and returns its exit code, or the one its exception stands for."""
    try:
        return int(work())
    except HwgenError as error:
        if debug:
            traceback.print_exc()
        if isinstance(error, ToolFailed) and error.log_tail:
            print(error.log_tail.rstrip(), file=sys.stderr)
        _say(str(error), int(error.exit_code), as_json)
        return int(error.exit_code)
    except KeyboardInterrupt:
        _say("interrupted; what is there is whole, the same command goes on from it", INTERRUPTED, as_json)
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has gone; nothing is wrong with the results.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return int(ExitCode.OK)
    except Exception as error:  # noqa: BLE001 - the last resort: every other error has its own line
        summary = " ".join(f"{type(error).__name__}: {error}".split())[:300]
        if debug:
            traceback.print_exc()
            _say(f"internal error: {summary}", int(ExitCode.INTERNAL), as_json)
        else:
            _say(
                f"internal error: {summary}; traceback in {_keep_traceback()}",
                int(ExitCode.INTERNAL),
                as_json,
            )
        return int(ExitCode.INTERNAL)


def _say(line: str, code: int, as_json: bool) -> None:
    print(f"hwgen: {line}", file=sys.stderr)
    if as_json:
        print(json.dumps({"error": line, "exit_code": code}))


def _keep_traceback() -> str:
    handle, name = tempfile.mkstemp(prefix="hwgen-", suffix=".log")
    with os.fdopen(handle, "w") as stream:
        traceback.print_exc(file=stream)
    return name
