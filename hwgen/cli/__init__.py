"""The command line. Everything slow is imported by the verb that needs it."""

from hwgen.cli.app import main

__all__ = ["main"]
