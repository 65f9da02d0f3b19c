"""Errors that reach the user, and the exit code each of them stands for.

Every message is one line: what (key, layer or file), the value, what to do about it.
"""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """Documented exit codes of the command line."""

    OK = 0
    CHECK_FAILED = 1
    USAGE = 2
    TOOL_MISSING = 3
    TOOL_FAILED = 4
    INTERNAL = 5


class HwgenError(Exception):
    """Base of all errors that are reported as one line without a traceback.

    Args:
        where: what the error is about: a recipe key, a layer, a file.
        problem: what is wrong, with the value received.
        remedy: what to do about it; may be empty.
    """

    exit_code: ExitCode = ExitCode.INTERNAL

    def __init__(self, where: str, problem: str, remedy: str = "") -> None:
        self.where = where
        self.problem = problem
        self.remedy = remedy
        text = f"{where}: {problem}"
        super().__init__(f"{text}; {remedy}" if remedy else text)


class RecipeError(HwgenError):
    """The recipe, its data or the network it describes cannot be used."""

    exit_code = ExitCode.USAGE


class DataError(RecipeError):
    """A data set is missing, malformed or does not fit the recipe."""


class NetworkError(RecipeError):
    """A network or layer that cannot be represented exactly."""


class UsageError(HwgenError):
    """The command line or the output folder cannot be used as asked."""

    exit_code = ExitCode.USAGE


class RangeError(RecipeError):
    """A value does not fit its fixed-point format."""


class CheckFailed(HwgenError):
    """A mismatch was found, or a check of the recipe failed."""

    exit_code = ExitCode.CHECK_FAILED


class ToolMissing(HwgenError):
    """A program or package that this step needs is not installed."""

    exit_code = ExitCode.TOOL_MISSING


class ToolFailed(HwgenError):
    """A program ran and failed; `log_tail` holds its last lines."""

    exit_code = ExitCode.TOOL_FAILED

    def __init__(self, where: str, problem: str, remedy: str = "", log_tail: str = "") -> None:
        super().__init__(where, problem, remedy)
        self.log_tail = log_tail


class ReportError(UsageError):
    """A report of a vendor tool is damaged, of another kind, or not of this firmware."""
