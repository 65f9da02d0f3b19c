"""What a host writes: thresholds, commits and the choice of policy, as commands of the bench.

Addresses come from the driver in the tree, the one users import: it is under test here too.
"""

from __future__ import annotations

import types
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hwgen.errors import ToolFailed
from hwgen.simulation.rtl.script import wait, write

DRIVER = "driver/hwgen_control.py"
Register = tuple[int, int]
_THRESHOLD = "banks.bank.gate.policy.threshold"


class Host:
    """The registers of one pipeline.

    Args:
        pipeline: folder of the pipeline.
    Raises:
        ToolFailed: its driver cannot be loaded.
    """

    def __init__(self, pipeline: Path) -> None:
        path = pipeline / DRIVER
        module = types.ModuleType("hwgen_control")
        try:
            exec(compile(path.read_bytes(), str(path), "exec"), module.__dict__)  # noqa: S102 - the tree's own
        except Exception as error:
            raise ToolFailed(
                str(path), f"cannot be loaded: {error}", "run `hwgen generate --force`"
            ) from error
        self._driver: Any = module

    def address(self, register: str, *indices: int) -> int:
        """Byte address of a register."""
        return int(self._driver.address(register, *indices))

    def field(self, name: str, word: int) -> int:
        """Value of a field in the word of its register."""
        return int(self._driver.field(name, word))

    def load(self, bank: int, policies: Sequence[Sequence[Register]]) -> list[str]:
        """Writes (raw threshold, enable) of every policy and gate into a bank."""
        count = self._driver.PLACES[_THRESHOLD][1][-1][0]
        words = [
            write(self.address(_THRESHOLD, bank, gate, policy, word), raw >> 32 * word)
            for policy, gates in enumerate(policies)
            for gate, (raw, _) in enumerate(gates)
            for word in range(count)
        ]
        for gate in range(len(policies[0])):
            on = sum(bool(gates[gate][1]) << policy for policy, gates in enumerate(policies))
            words.append(write(self.address("banks.bank.gate.enable", bank, gate), on))
        return words

    def writable(self, bank: int) -> list[str]:
        """Waits until a bank may be written."""
        low, _ = self._driver.FIELDS["status.writable"]
        return [wait(self.address("status"), 1 << (low + bank), 1 << (low + bank))]

    def commit(self, bank: int) -> list[str]:
        """Makes new samples use a bank; answered when they do."""
        low, _ = self._driver.FIELDS["status.active"]
        return [write(self.address("commit"), bank), wait(self.address("status"), 1 << low, bank << low)]

    def select(self, policy: int) -> list[str]:
        """Chooses the policy of new samples; answered when it holds."""
        return [write(self.address("policy"), policy), f"read {self.address('policy'):#x}"]
