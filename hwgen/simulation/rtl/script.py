"""What happens besides samples: register accesses and resets, in the words of sim/rtl/script.h."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

SETUP = -1
"""Due before the first sample."""
AT_END = (1 << 63) - 1
"""Due after the last result."""


@dataclass(frozen=True)
class Command:
    """One register access, or `hold`.

    Args:
        due: number of the send before which it starts; `SETUP` and `AT_END` as well.
        words: `write ADDRESS VALUE`, `read ADDRESS`, `wait ADDRESS MASK VALUE` or `hold`.
    """

    due: int
    words: str

    def line(self) -> str:
        when = {SETUP: "setup", AT_END: "end"}.get(self.due, f"at {self.due}")
        return f"{when} {self.words}"


def write(address: int, value: int) -> str:
    """Writes a register of 32 bits."""
    return f"write {address:#x} {value & 0xFFFFFFFF:#x}"


def wait(address: int, mask: int, value: int) -> str:
    """Reads a register until its masked value is `value`."""
    return f"wait {address:#x} {mask:#x} {value:#x}"


@dataclass
class Script:
    """A script, built up command by command.

    A switch of policy is a list of commands after which the new policy is certain to hold; while they run,
    samples get the old or the new one, but never the old one again.
    """

    commands: list[Command] = field(default_factory=list)
    resets: list[tuple[int, int]] = field(default_factory=list)
    switches: list[tuple[Command, Command, int]] = field(default_factory=list)
    """(first command, last command, policy)"""

    def add(self, words: Sequence[str], due: int = SETUP) -> list[Command]:
        """Adds commands that are due before send `due`."""
        made = [Command(due, word) for word in words]
        self.commands.extend(made)
        return made

    def switch(self, words: Sequence[str], policy: int, due: int = SETUP, hold: bool = False) -> None:
        """Adds the commands that put a policy in force.

        Args:
            words: the accesses; the last one is answered only when the policy holds.
            policy: its number, for `expected` of the comparison.
            due: number of the send before which they start.
            hold: whether that send waits for them.
        """
        made = self.add(words, due)
        if hold:
            self.add(["hold"], due)
        self.switches.append((made[0], made[-1], policy))

    def read_at_end(self, addresses: Sequence[int]) -> None:
        """Reads registers after the last result."""
        self.add([f"read {address:#x}" for address in addresses], AT_END)

    def reset(self, cycle: int, length: int = 1) -> None:
        """Holds the reset for `length` cycles from `cycle` on."""
        self.resets.append((cycle, length))

    def ordered(self) -> list[Command]:
        """The commands in the order in which they are executed and numbered."""
        return sorted(self.commands, key=lambda command: command.due)

    def text(self) -> str:
        lines = [command.line() for command in self.ordered()]
        lines += [f"cycle {cycle} reset {length}" for cycle, length in self.resets]
        return "".join(f"{line}\n" for line in lines)

    def numbered_switches(self) -> dict[int, tuple[int, int]]:
        """Number of a switch's last command -> (number of its first command, policy)."""
        places = {id(command): number for number, command in enumerate(self.ordered())}
        return {places[id(last)]: (places[id(first)], policy) for first, last, policy in self.switches}
