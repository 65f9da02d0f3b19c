"""The sources of a pipeline: which files a module is made of, and a hash that comments do not change."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from hwgen.errors import UsageError
from hwgen.files import hash_file, sha256_of

SOURCE_LIST = "sources.f"
_COMMENT = re.compile(r'("(?:\\.|[^"\\\n])*")|//[^\n]*|/\*.*?\*/', re.DOTALL)
_DEFINED = re.compile(r"^\s*(?:module|package)\s+(?:automatic\s+)?(\w+)", re.MULTILINE)
_WORD = re.compile(r"[A-Za-z_]\w*")


def _without_comments(text: str) -> str:
    return _COMMENT.sub(lambda found: found[1] or " ", text)


def _split(text: str, opening: int) -> tuple[list[str], int]:
    """Parts between the commas of a bracketed list, and where it ends; `opening` is the place of its bracket."""
    parts: list[str] = []
    depth, start = 0, opening + 1
    for place in range(opening, len(text)):
        letter = text[place]
        if letter in "([{":
            depth += 1
        elif letter in ")]}":
            depth -= 1
            if depth == 0:
                return [*parts, text[start:place]], place
        elif letter == "," and depth == 1:
            parts.append(text[start:place])
            start = place + 1
    return parts, len(text)


@dataclass(frozen=True)
class Sources:
    """RTL of one pipeline.

    Args:
        folder: that of the pipeline.
        files: RTL in the order in which tools read it.
    """

    folder: Path
    files: tuple[Path, ...]

    @classmethod
    def of(cls, folder: Path) -> Sources:
        """What `sources.f` of a pipeline names.

        Raises:
            UsageError: there is no such list, or a file of it is gone.
        """
        listing = folder / SOURCE_LIST
        try:
            names = listing.read_text().split()
        except OSError as error:
            raise UsageError(
                str(listing), f"cannot be read ({error.strerror})", "hwgen generate writes it"
            ) from error
        files = tuple(folder / name for name in names if name.endswith((".v", ".sv")))
        for file in files:
            if not file.is_file():
                raise UsageError(
                    str(file),
                    f"is named in {SOURCE_LIST} but not there",
                    "write the tree anew with hwgen generate",
                )
        if not files:
            raise UsageError(str(listing), "names no RTL", "write the tree anew with hwgen generate")
        return cls(folder, files)

    @cached_property
    def sha256(self) -> str:
        """Hash of every byte of every source, and of their order."""
        return sha256_of(list(zip(self.names(self.files), map(hash_file, self.files), strict=True)))

    @cached_property
    def texts(self) -> dict[Path, str]:
        """Content of each file without comments."""
        return {file: _without_comments(file.read_text()) for file in self.files}

    @cached_property
    def defined(self) -> dict[str, Path]:
        """Module or package -> its file."""
        return {name: file for file, text in self.texts.items() for name in _DEFINED.findall(text)}

    def named_in(self, file: Path) -> set[str]:
        """Modules and packages of other files that a file speaks of."""
        words = set(_WORD.findall(self.texts[file]))
        return {name for name in words & self.defined.keys() if self.defined[name] != file}

    def needed(self, module: str) -> tuple[Path, ...]:
        """Files that a module is made of, in their order."""
        open_files, found = [self.defined[module]], set[Path]()
        while open_files:
            file = open_files.pop()
            if file not in found:
                found.add(file)
                open_files += [self.defined[name] for name in self.named_in(file)]
        return tuple(file for file in self.files if file in found)

    def names(self, files: Iterable[Path]) -> list[str]:
        """Paths below the pipeline's folder."""
        return [file.relative_to(self.folder).as_posix() for file in files]

    def sha256_of(self, module: str) -> str:
        """Hash of what a module is made of. A comment that changes, or a file that moves, does not change it."""
        return sha256_of([" ".join(self.texts[file].split()) for file in self.needed(module)])

    def parameters(self, module: str) -> list[str]:
        """Names of a module's parameters."""
        text = self.texts[self.defined[module]]
        head = re.search(rf"\bmodule\s+(?:automatic\s+)?{module}\s*#\s*(\()", text)
        if head is None:
            return []
        names, local = [], False
        for part in _split(text, head.start(1))[0]:
            # A part without a keyword is of the kind of the one before it.
            kind = re.search(r"\b(localparam|parameter)\b", part)
            local = kind[1] == "localparam" if kind else local
            name = re.search(r"(\w+)\s*=", part)
            if name and not local:
                names.append(name[1])
        return names
