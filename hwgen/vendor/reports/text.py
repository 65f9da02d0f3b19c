"""What the text reports have in common: heads, numbered sections, tables between rules."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hwgen.errors import ReportError

OLDEST = (2018, 1)
"""Reports of earlier versions have other columns."""
NEWEST_YEAR = 2100
"""A version beyond this is no version."""
UNKNOWN = frozenset({"", "-", "?", "NA", "N/A", "na", "n/a", "undef", "inf", "---"})
"""How the tools write a figure that they do not know; `inf` is the slack where there is no path."""
NO_LIMIT = 4294967295
"""A target interval of this means that none was asked for."""
_RULE = re.compile(r"\+[-+]*-[-+]*\+$")
_SECTION = re.compile(r"(\d+(?:\.\d+)*)\.?[ \t]+(\S.*)")
_HEAD = re.compile(r"^\|\s*([A-Z][\w ]*?)\s*:(?:\s+(.*?))?\s*\|?$", re.MULTILINE)
_AGAIN = "run the tool again, or take the file from a run that ended"


@dataclass(frozen=True)
class Table:
    """Rows between rules.

    Args:
        section: title of the numbered section it stands in.
        header: cells of the rows above the second rule, column by column, joined by a blank; empty without one.
        rows: cells of the rows below, leading blanks kept.
    """

    section: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def records(self, where: str) -> Iterator[dict[str, str]]:
        """Each row as column -> cell.

        Raises:
            ReportError: a row has more or fewer cells than the head.
        """
        for row in self.rows:
            if len(row) != len(self.header):
                raise broken(where, f"a row in section {self.section!r} does not fit its head")
            yield dict(zip(self.header, row, strict=True))


def plain(text: str) -> str:
    """Lines as they end on this system; reports may come from another one."""
    return text.replace("\r\n", "\n")


def broken(where: str, what: str) -> ReportError:
    """A report that is cut short or damaged."""
    return ReportError(where, f"is damaged or cut short: {what}", _AGAIN)


def foreign(where: str, kind: str) -> ReportError:
    """A file that is not the report it is taken for."""
    return ReportError(where, f"is no {kind}", "name the tool's own file")


def check_version(where: str, version: str | None) -> str | None:
    """The version, unless reports of it are too old to be read.

    Raises:
        ReportError: older than `OLDEST`, or no version at all.
    """
    if version is None:
        return None
    found = re.fullmatch(r"(\d{4})\.(\d)[\w.]*", version)
    if found is None or int(found[1]) > NEWEST_YEAR:
        raise broken(where, f"version {version!r}")
    if (int(found[1]), int(found[2])) < OLDEST:
        oldest = ".".join(map(str, OLDEST))
        raise ReportError(where, f"is of version {version}, which is older than {oldest}", "use a newer tool")
    return version


def whole(where: str, name: str, text: str | None) -> int | None:
    """A count; None where the tool does not know it.

    Raises:
        ReportError: it is something else.
    """
    value = (text or "").strip()
    if value in UNKNOWN or value == "-1":
        return None
    if not re.fullmatch(r"\d{1,18}", value):
        raise broken(where, f"{name} is {value[:40]!r}, not a count")
    return int(value)


def span(where: str, name: str, text: str | None) -> tuple[int | None, int | None]:
    """A count twice, or the two of a span `a ~ b`; None where the tool does not know it."""
    low, tilde, high = (text or "").partition("~")
    if not tilde:
        return whole(where, name, text), whole(where, name, text)
    found = whole(where, name, low), whole(where, name, high)
    if None in found or found[0] > found[1]:  # type: ignore[operator]
        raise broken(where, f"{name} is {str(text)[:40]!r}, not a span")
    return found


def real(where: str, name: str, text: str | None) -> float | None:
    """A number with a point, with or without a unit behind it; None where the tool does not know it.

    Raises:
        ReportError: it is something else.
    """
    value = (text or "").strip()
    if value in UNKNOWN:
        return None
    found = re.fullmatch(r"(-?\d{1,15}(?:\.\d{1,15})?(?:[eE][-+]?\d{1,2})?)(?:\s*\*)?(?:[ (].*)?", value)
    if found is None:
        raise broken(where, f"{name} is {value[:40]!r}, not a number")
    return float(found[1])


def cells(line: str) -> tuple[str, ...]:
    """Cells of a row; blanks in front tell the depth in a hierarchy and stay."""
    return tuple(
        cell.rstrip()[1:] if cell[:1] == " " else cell.rstrip() for cell in line.strip()[1:-1].split("|")
    )


def _joined(rows: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    width = max(map(len, rows), default=0)
    if not rows or any(len(row) != width for row in rows):
        return tuple(cell.strip() for cell in rows[-1]) if rows else ()
    return tuple(" ".join(filter(None, (row[i].strip() for row in rows))) for i in range(width))


def tables(where: str, text: str) -> list[Table]:
    """All tables between rules (`+---+`), in order.

    Raises:
        ReportError: a table is not closed, or the last one is cut off behind its head.
    """
    found: list[Table] = []
    section, parts, inside = "", list[list[tuple[str, ...]]](), False
    lines = [line.strip() for line in text.splitlines()]
    for number, line in enumerate([*lines, ""]):
        if _RULE.fullmatch(line):
            if not inside:
                parts, inside = [], True
            parts.append([])
        elif inside and line[:1] in ("|", "+") and line[-1:] in ("|", "+") and len(line) > 1:
            if line[0] == "|":
                parts[-1].append(cells(line))
        elif inside:
            if parts[-1] or line.startswith("|"):
                raise broken(where, f"a table in section {section!r} is not closed")
            groups, inside = [part for part in parts if part], False
            if number == len(lines) and len(groups) < 2:  # a blank line follows on a table without rows
                raise broken(where, f"the last table, in section {section!r}, has no rows")
            if len(groups) > 1:
                rows = tuple(row for part in groups[1:] for row in part)
                found.append(Table(section, _joined(groups[0]), rows))
            elif groups:
                found.append(Table(section, (), tuple(groups[0])))
        if not inside:
            title = _SECTION.fullmatch(line)
            section = title[2] if title else section
            if line.startswith("|"):
                section = line.strip("| ") or section
    return found


def heads(text: str) -> dict[str, str]:
    """`| Name : value` lines in front of a Vivado report."""
    return {name: (value or "").strip() for name, value in _HEAD.findall(text[:8000])}


def titled(where: str, text: str, title: str, kind: str) -> dict[str, str]:
    """The head of a report of Vivado that has this title.

    Args:
        where: name of the file, for messages.
        text: of the file.
        title: line below the head.
        kind: command of Vivado, and whose it is: `report_power of Vivado`.
    Raises:
        ReportError: it has not: of another kind, or cut off within its head.
    """
    found = heads(text)
    if (
        "Tool Version" in found
        and title not in text
        and found.get("Command", "").split(" ")[0] == kind.split(" ")[0]
    ):
        raise broken(where, f"no title {title!r}")
    if "Tool Version" not in found or title not in text:
        raise foreign(where, kind)
    return found


def vivado_version(where: str, found: dict[str, str]) -> str:
    """Version in the head of a Vivado report.

    Raises:
        ReportError: there is none, or it is too old.
    """
    named = re.match(r"Vivado\s+v\.(\S+)", found.get("Tool Version", ""))
    if named is None:
        raise broken(where, "no version of Vivado in its head")
    return check_version(where, named[1]) or ""


def check_contents(where: str, text: str) -> None:
    """Refuses a report that lacks a section of its own table of contents.

    Raises:
        ReportError: the table is missing, or a section it names.
    """
    start = text.find("Table of Contents\n-----")
    if start < 0:
        raise broken(where, "no table of contents")
    lines = [line.strip() for line in text[start:].splitlines()]
    listed: list[str] = []
    for line in lines[2:]:
        if not _SECTION.fullmatch(line):
            break
        listed.append(line)
    below = lines[2 + len(listed) :]
    headed = {line for line, rule in zip(below, below[1:], strict=False) if rule and set(rule) == {"-"}}
    for line in listed:
        if line not in headed:
            raise broken(where, f"section {line!r} is missing")
    if not listed:
        raise broken(where, "an empty table of contents")
