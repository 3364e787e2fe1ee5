"""Walking the parts of a .xlsx package without keeping them: how far a sheet reaches, where its formulas stand."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any
from xml.parsers import expat

from services.registry.rosters.limits import check_extent
from services.registry.rosters.sheets import column_of
from shared.kernel.refusals import Refusal

_REFERENCE = re.compile(r"^([A-Za-z]{1,3})([0-9]{1,7})$")


def damaged() -> Refusal:
    """The refusal for a file that begins like a spreadsheet and cannot be read as one."""
    return Refusal("registry.roster_not_a_spreadsheet", looks_like="damaged")


class Meter:
    """Feeds on the chunks of one XML part. A document type declaration is refused: no spreadsheet has one."""

    def __init__(self) -> None:
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._begin
        self._parser.StartDoctypeDeclHandler = self._refuse

    def feed(self, chunk: bytes) -> None:
        """Take the next chunk."""
        try:
            self._parser.Parse(chunk, False)
        except (expat.ExpatError, ValueError, LookupError) as error:
            raise damaged() from error

    def close(self) -> None:
        """The part has ended."""
        try:
            self._parser.Parse(b"", True)
        except (expat.ExpatError, ValueError, LookupError) as error:
            raise damaged() from error
        self._parser.StartElementHandler = None

    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins; `name` may carry a prefix."""

    def _refuse(self, *_: Any) -> None:
        raise damaged()


class SheetMeter(Meter):
    """A worksheet: refuses one that reaches too far, remembers the cells with formulas."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name
        self._row = self._column = 0
        self._last_row = self._last_column = 0
        self.shared_uses = 0
        self.formulas: set[tuple[int, int]] = set()

    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        kind = name.rpartition(":")[2]
        if kind == "c":
            self._place(attributes.get("r"))
            self.shared_uses += attributes.get("t") == "s"
        elif kind in {"v", "is", "f"}:
            self._content(formula=kind == "f")
        elif kind == "row":
            row = attributes.get("r")
            self._row = int(row) if row and row.isascii() and row.isdigit() else self._row + 1
            self._column = 0

    def _place(self, reference: str | None) -> None:
        """Where the cell stands: as it says, else one to the right of the last."""
        if reference is None:
            self._column += 1
            return
        match = _REFERENCE.match(reference)
        if not match:
            raise damaged()
        self._column, self._row = column_of(match[1].upper()), int(match[2])

    def _content(self, *, formula: bool) -> None:
        if self._row > self._last_row or self._column > self._last_column:
            self._last_row = max(self._last_row, self._row)
            self._last_column = max(self._last_column, self._column)
            check_extent(self._name, self._last_row, self._last_column)
        if formula:
            self.formulas.add((self._row, self._column))


class BookMeter(Meter):
    """The workbook: the name of each sheet and the relation that leads to it."""

    def __init__(self) -> None:
        super().__init__()
        self.sheets: dict[str, str] = {}

    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        if name.rpartition(":")[2] == "sheet":
            relation = next((value for key, value in attributes.items() if key.endswith(":id")), "")
            self.sheets[attributes.get("name", "")] = relation


class RelationMeter(Meter):
    """The relations of the workbook: identifier → part, in lower case."""

    def __init__(self) -> None:
        super().__init__()
        self.targets: dict[str, str] = {}

    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        if name.rpartition(":")[2] == "Relationship":
            target = attributes.get("Target", "").lower()
            self.targets[attributes.get("Id", "")] = target[1:] if target.startswith("/") else f"xl/{target}"


class TextMeter(Meter):
    """The shared texts: how long each is, in characters."""

    def __init__(self) -> None:
        super().__init__()
        self._parser.CharacterDataHandler = self._text
        self.lengths: list[int] = []

    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        if name.rpartition(":")[2] == "si":
            self.lengths.append(0)

    def _text(self, text: str) -> None:
        if self.lengths:
            self.lengths[-1] += len(text)


class UseMeter(Meter):
    """How often a worksheet uses each shared text. Walked only when the texts are long enough to matter."""

    def __init__(self) -> None:
        super().__init__()
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text
        self._parser.buffer_text = True
        self._shared = False
        self._digits = ""
        self.used: Counter[int] = Counter()

    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        kind = name.rpartition(":")[2]
        if kind == "c":
            self._shared = attributes.get("t") == "s"
        self._digits = ""

    def _text(self, text: str) -> None:
        self._digits = (self._digits + text)[:12]

    def _end(self, name: str) -> None:
        if self._shared and name.rpartition(":")[2] == "v" and self._digits.strip().isdigit():
            self.used[int(self._digits)] += 1
