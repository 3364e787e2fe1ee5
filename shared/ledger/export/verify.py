"""Check an export of Shouwang's logs, or the receipt of one event, with nothing but Python and `cryptography`.

    python verify.py                           the export that this file lies in
    python verify.py DIR | RECEIPT             another export, or a receipt
        --policy FILE       the keys that you trust, from your own hands instead of the export's
        --checkpoint PATH   a checkpoint or receipt that you kept, or a directory of them; any number
        --hashes-only       entries as bytes alone: quicker, and nothing is said of what stands in them
        --accept-late SECONDS   a known backlog: times that stand back by no more than this are no verdict

Exit code: 0 whole, 1 tampered, 2 unreadable, 3 not signed by a trusted key, 4 rolled back or split, 5 whole, but some
times stand back.

What is checked, in the order of this file: the keys (C2SP tlog-policy), each checkpoint's signatures (tlog-checkpoint,
tlog-cosignature), the tree recomputed from the entries and held against the tiles and every signed root (tlog-tiles,
RFC 6962), what every entry says (RFC 8785 and the versions of streams), receipts (tlog-proof), and the manifest.
"""

from __future__ import annotations

import argparse
import base64
import json
import multiprocessing
import os
import re
import sys
import tempfile
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from zlib import crc32

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

WHOLE, TAMPERED, UNREADABLE, UNTRUSTED, ROLLED_BACK, LATE = range(6)
OUTCOMES = (
    *("whole", "tampered", "unreadable", "not signed by a trusted key", "rolled back or split"),
    "whole, but some times stand back",
)
GRAVITY = (TAMPERED, ROLLED_BACK, UNTRUSTED, UNREADABLE, LATE)
"""The gravest first: a changed entry stays the news even when a signature is missing as well."""
WIDTH = 256
NUMBER = re.compile(r"0|[1-9][0-9]{0,18}")
FAR = timedelta(minutes=10)
"""How far a `time` may stand back, or lie behind the checkpoint that covers it, before it is reported."""
LONG = timedelta(hours=1)
"""How long an entry may wait for its signature before it is said."""
MOST_TIMES = 20_000
"""Times that wait at once for the checkpoint that covers them."""
MOST_KEPT = 100
ALONE, HASHES_ALONE, SPAN = 20_000, 500_000, WIDTH * 1024
"""Entries below which one process does everything, when it reads and when it hashes only; entries that are given to
several at once."""
Run = Callable[[Callable[[Any], Any], Iterable[Any]], Iterable[Any]]
"""Does the same work with many things, in order: `map`, or a pool's."""
RECEIPT = "c2sp.org/tlog-proof@v1"
EMPTY_ROOT = sha256(b"").digest()
_HASHES, _NONE = ("expected", "found"), (None, None)


@dataclass
class Finding:
    """One thing that is not as it should be; `outcome` WHOLE for what only deserves a look."""

    outcome: int
    what: str
    log: str = ""
    position: int | None = None
    until: int | None = None
    expected: str | None = None
    found: str | None = None
    facts: dict[str, Any] = field(default_factory=dict)

    def line(self) -> str:
        """The finding in one line."""
        words = [self.what, self.log] if self.log else [self.what]
        if self.position is not None:
            until = f" to {self.until}" if self.until not in (None, self.position) else ""
            words.append(f"position {self.position}{until}")
        words += [f"{name} {value}" for name in ("expected", "found") if (value := getattr(self, name)) is not None]
        return ", ".join(words + [f"{name} {value}" for name, value in self.facts.items()])


@dataclass
class Report:
    """All that was found, and how far each log reaches."""

    findings: list[Finding] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    outcomes: set[int] = field(default_factory=set)
    logs: list[str] = field(default_factory=list)
    quorum: str = ""
    """What the policy asks for: the name of a witness or a group, `none` for no witness at all."""
    decisions: list[tuple[str, int, dict[str, Any]]] = field(default_factory=list)
    """Entries in which somebody has decided about the log of a neighbour: the log, the position, the entry."""

    def add(self, outcome: int, what: str, log: str = "", position: int | None = None, **more: Any) -> None:
        """Note something. Of the same thing again and again only the first hundred are kept, and counted."""
        until = more.pop("until", None)
        expected, found = (one.hex() if isinstance(one, bytes) else one for one in map(more.pop, _HASHES, _NONE))
        self.outcomes.add(outcome)
        self.counts[what] += 1
        if self.counts[what] <= MOST_KEPT:
            self.findings.append(Finding(outcome, what, log, position, until, expected, found, more))

    @property
    def exit_code(self) -> int:
        """The gravest outcome."""
        return next((one for one in GRAVITY if one in self.outcomes), WHOLE)

    @property
    def first_bad(self) -> Finding | None:
        """The sign of tampering at the lowest position."""
        bad = [one for one in self.findings if one.outcome == TAMPERED and one.position is not None]
        return min(bad, key=lambda one: one.position or 0, default=None)


class Wrong(Exception):
    """Something that cannot be accepted: its outcome and a stable code."""

    def __init__(self, outcome: int, what: str) -> None:
        super().__init__(what)
        self.outcome = outcome


# ---- The keys that are trusted ------------------------------------------------------------------------------------


def strict64(text: str) -> bytes:
    """The bytes of base64 as an encoder writes it."""
    try:
        decoded = base64.b64decode(text, validate=True)
    except ValueError:
        raise Wrong(UNREADABLE, "not base64") from None
    if base64.b64encode(decoded).decode() != text:
        raise Wrong(UNREADABLE, "not base64 as it is written")
    return decoded


def read_key(text: str, kind: int) -> tuple[str, bytes, Ed25519PublicKey]:
    """Name, id and key of `name+id+base64`; kind 1 signs logs, kind 4 cosigns them."""
    parts = text.split("+", 2)
    material = strict64(parts[2]) if len(parts) == 3 else b""
    key_id = sha256(parts[0].encode() + b"\n" + material).digest()[:4]
    if len(material) != 33 or material[0] != kind or parts[1] != key_id.hex():
        raise Wrong(UNREADABLE, f"not a key of this kind: {text}")
    return parts[0], key_id, Ed25519PublicKey.from_public_bytes(material[1:])


class Policy:
    """Which logs and witnesses are trusted, and how many of the witnesses must have cosigned."""

    def __init__(self, text: str) -> None:
        self.logs: dict[tuple[str, bytes], Ed25519PublicKey] = {}
        self.witnesses: dict[tuple[str, bytes], tuple[str, Ed25519PublicKey]] = {}
        self.groups: dict[str, tuple[int, list[str]]] = {}
        self.quorum = ""
        self._keys: set[tuple[str, bytes]] = set()
        self._members: set[str] = set()
        if any((one < " " and one not in "\t\n") or one == "\x7f" for one in text):
            raise Wrong(UNREADABLE, "the policy holds a control character")
        for line in text.split("\n"):
            words = [one for one in re.split("[ \t]+", line) if one]
            if words and not words[0].startswith("#"):
                self._take(words)
        if not self.quorum:
            raise Wrong(UNREADABLE, "the policy says nothing of a quorum: `quorum none` asks for no witness")

    def _take(self, words: list[str]) -> None:
        kind, count = words[0], len(words)
        fresh = count > 1 and words[1] not in (*self.groups, "none")
        if kind == "log" and count in (2, 3):
            name, key_id, key = self._new(words[1], 1)
            self.logs[name, key_id] = key
        elif kind == "witness" and count in (3, 4) and fresh:
            name, key_id, key = self._new(words[2], 4)
            self.witnesses[name, key_id] = (words[1], key)
            self.groups[words[1]] = (1, [])
        elif kind == "group" and count > 3 and fresh and set(words[3:]) <= set(self.groups):
            members = words[3:]
            least = {"any": 1, "all": len(members)}.get(words[2]) or (
                int(words[2]) if NUMBER.fullmatch(words[2]) else 0
            )
            if not 1 <= least <= len(members):
                raise Wrong(UNREADABLE, f"the group {words[1]} asks for {words[2]}")
            if len(set(members)) < len(members) or self._members & set(members):
                raise Wrong(UNREADABLE, f"the group {words[1]} counts somebody twice")
            self._members |= set(members)
            self.groups[words[1]] = (least, members)
        elif kind == "quorum" and count == 2 and not self.quorum and words[1] in (*self.groups, "none"):
            self.quorum = words[1]
        else:
            raise Wrong(UNREADABLE, f"the policy has a line that says nothing: {' '.join(words)}")

    def _new(self, text: str, kind: int) -> tuple[str, bytes, Ed25519PublicKey]:
        """A key that no line of its kind has brought yet, under whatever name: one witness may not count as two."""
        name, key_id, key = read_key(text, kind)
        mark = (str(kind), key.public_bytes_raw())
        if mark in self._keys:
            raise Wrong(UNREADABLE, f"the policy names one key twice: {name}")
        self._keys.add(mark)
        return name, key_id, key

    def witnessed(self, by: set[str]) -> bool:
        """Whether these witnesses are enough."""
        return self.quorum == "none" or self._holds(self.quorum, by)

    def _holds(self, name: str, by: set[str]) -> bool:
        least, members = self.groups[name]
        return sum(self._holds(one, by) for one in members) >= least if members else name in by


# ---- Checkpoints --------------------------------------------------------------------------------------------------


@dataclass
class Checkpoint:
    """A log's size and root as its trusted key signed them. `witnesses` are those of the policy, with their times."""

    origin: str
    size: int
    root: bytes
    note: str
    witnesses: dict[str, datetime]
    time: datetime | None = None
    kept: str = ""


SIGNATURE = re.compile("\u2014 ([^\\s+]+) ([A-Za-z0-9+/=]+)")


def read_checkpoint(note: str, policy: Policy) -> Checkpoint:
    """Read a note in the one form there is, signed by the log that it names."""
    body, parted, tail = note.rpartition("\n\n")
    body += "\n"
    lines = body.split("\n")[:-1]
    if not parted or not tail.endswith("\n") or len(lines) < 3 or not all(lines) or not NUMBER.fullmatch(lines[1]):
        raise Wrong(UNREADABLE, "not a checkpoint")
    read = Checkpoint(lines[0], int(lines[1]), strict64(lines[2]), note, {})
    if len(read.root) != 32 or any(one < " " and one != "\n" for one in body):
        raise Wrong(UNREADABLE, "not a checkpoint")
    signed = False
    for line in tail[:-1].split("\n"):
        match = SIGNATURE.fullmatch(line)
        if match is None:
            raise Wrong(UNREADABLE, "not a signature line")
        name, raw = match[1], strict64(match[2])
        key_id, signature = raw[:4], raw[4:]
        if name == read.origin and (key := policy.logs.get((name, key_id))) is not None:
            check_signature(key, signature, body)
            signed = True
        elif (witness := policy.witnesses.get((name, key_id))) is not None:
            seconds = int.from_bytes(signature[:8], "big")
            check_signature(witness[1], signature[8:], f"cosignature/v1\ntime {seconds}\n{body}")
            read.witnesses[witness[0]] = datetime.fromtimestamp(min(seconds, 2**37), UTC)
    if not signed:
        raise Wrong(UNTRUSTED, "no signature by a trusted key of this log")
    return read


def check_signature(key: Ed25519PublicKey, signature: bytes, message: str) -> None:
    """Raise Wrong unless the key has signed the message."""
    try:
        key.verify(signature, message.encode())
    except InvalidSignature:
        raise Wrong(UNTRUSTED, "a signature is not that of the key that it names") from None


def saved_checkpoints(paths: list[Path], policy: Policy, report: Report) -> dict[str, list[Checkpoint]]:
    """What the auditor kept, by the log's name: notes and receipts, single files and directories of them."""
    found: dict[str, list[Checkpoint]] = {}
    files = (file for path in paths for file in (sorted(path.rglob("*")) if path.is_dir() else [path]))
    for file in files:
        if file.is_dir():
            continue
        try:
            text = file.read_text(encoding="utf-8")
            one = read_receipt(text, policy)[0] if text.startswith(RECEIPT) else read_checkpoint(text, policy)
        except Wrong as wrong:
            report.add(wrong.outcome, "saved_checkpoint", file=str(file), reason=str(wrong))
        except (OSError, UnicodeDecodeError) as error:
            report.add(UNREADABLE, "saved_checkpoint", file=str(file), reason=type(error).__name__)
        else:
            one.kept = str(file)
            found.setdefault(one.origin, []).append(one)
    return {origin: sorted(some, key=lambda one: one.size) for origin, some in found.items()}


# ---- The tree -----------------------------------------------------------------------------------------------------


# Hashes that have taken in their first byte. To copy one is quicker than to begin one.
begun_leaf, begun_node = sha256(b"\x00").copy, sha256(b"\x01").copy


def node(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node."""
    return sha256(b"\x01" + left + right).digest()


def fold(peaks: list[bytes]) -> bytes:
    """The root over the hashes at the right edge, the widest first."""
    root = peaks[-1] if peaks else EMPTY_ROOT
    for left in peaks[-2::-1]:
        root = node(left, root)
    return root


def rows_over(leaves: bytes) -> list[bytes]:
    """The leaf hashes of one tile, and above them each row of complete nodes: up to nine rows."""
    rows = [leaves]
    while len(leaves) >= 64:
        row = []
        for at in range(0, len(leaves) & -64, 64):
            one = begun_node()
            one.update(leaves[at : at + 64])
            row.append(one.digest())
        leaves = b"".join(row)
        rows.append(leaves)
    return rows


class Tree:
    """A tree that grows by tiles of 256 leaves; it keeps its right edge, and the tiles that are not full yet."""

    def __init__(self) -> None:
        self.peaks: list[tuple[int, bytes]] = []
        self.tiles: dict[int, bytearray] = {}
        self.rows: list[bytes] = [b""]
        """The tile that comes next: its leaves, and above them each row of complete nodes."""

    def copy(self) -> Tree:
        """Another tree of the same leaves."""
        other = Tree()
        other.peaks, other.tiles = list(self.peaks), {level: bytearray(row) for level, row in self.tiles.items()}
        return other

    def root(self, width: int) -> bytes:
        """The root with the first `width` leaves of the next tile."""
        peaks, start = [one for _, one in self.peaks], 0
        for level in range(8, -1, -1):
            if width >> level & 1:
                peaks.append(self.rows[level][(start >> level) * 32 :][:32])
                start += 1 << level
        return fold(peaks)

    def settle(self) -> Iterator[tuple[int, int]]:
        """Add the next tile, a full one. Gives each (level, width) of a row of tiles that grew by a hash."""
        level, current = 8, self.rows[8]
        while True:
            if level % 8 == 0:
                row = self.tiles.setdefault(level // 8, bytearray())
                row += current
                yield level // 8, len(row) // 32
            if not self.peaks or self.peaks[-1][0] != level:
                break
            current = node(self.peaks.pop()[1], current)
            level += 1
        self.peaks.append((level, current))
        self.rows = [b""]


def tile_path(kind: str, index: int, width: int = WIDTH) -> str:
    """The place of a tile: `tile/0/x001/x234/067`, and `.p/12` behind it for a partial one."""
    groups = [f"{index % 1000:03}"]
    while index := index // 1000:
        groups.append(f"x{index % 1000:03}")
    return f"tile/{kind}/{'/'.join(reversed(groups))}" + (f".p/{width}" if width < WIDTH else "")


def content_of(path: str) -> bytes:
    """A file at once, without a buffer in between, which would cost a third of what its hashing does."""
    with open(path, "rb", buffering=0) as file:  # noqa: PTH123 - it is opened for every 256 entries
        content = file.read()
    return content if content is not None else b""


def entries_in(bundle: bytes) -> list[bytes]:
    """The entries of a bundle, without one that is cut off."""
    found, at, end = [], 0, len(bundle)
    while at + 2 <= end:
        start = at + 2
        at = start + (bundle[at] << 8 | bundle[at + 1])
        found.append(bundle[start:at])
    if at > end:
        found.pop()
    return found


def leaves_of(bundle: bytes) -> tuple[list[bytes], bool]:
    """The leaf hashes of the entries that `entries_in` gives, and whether the bundle ends where an entry ends."""
    view = memoryview(bundle)
    leaves, at, end = [], 0, len(bundle)
    while at + 2 <= end:
        start = at + 2
        at = start + (bundle[at] << 8 | bundle[at + 1])
        one = begun_leaf()
        one.update(view[start:at])
        leaves.append(one.digest())
    if at > end:
        leaves.pop()
    return leaves, at == end


# ---- What entries say ---------------------------------------------------------------------------------------------


def _integer(text: str) -> int:
    value = int(text)
    if not -(2**53) < value < 2**53 or text == "-0":
        raise ValueError("an integer beyond 2^53 - 1, or one that is written in another way")
    return value


def _never(text: str) -> Any:
    raise ValueError(f"{text} is no value of an entry")


_IN_ORDER: set[tuple[str, ...]] = set()
"""Names of members that were found in order before: entries are much alike."""


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    names = tuple(value)
    if names not in _IN_ORDER or len(names) != len(pairs):
        if len(names) != len(pairs) or names != tuple(sorted(names, key=lambda name: name.encode("utf-16-be"))):
            raise ValueError("members out of order, or one name twice")
        if len(_IN_ORDER) < 10_000:
            _IN_ORDER.add(names)
    return value


_read = json.JSONDecoder(
    object_pairs_hook=_members, parse_int=_integer, parse_float=_never, parse_constant=_never
).raw_decode
_dump = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode


def parse(entry: bytes) -> Any:
    """The value of an entry in its canonical form (RFC 8785, no floats, NFC). Raises ValueError on any other form.

    The reader itself refuses members out of order and numbers that are written in another way. What is left to ask is
    whether something is escaped or spaced that need not be: where there is neither, nothing need be written again.
    """
    text = entry.decode()
    value, end = _read(text)
    plain = "\\" not in text and " " not in text and "\n" not in text and "\t" not in text and "\r" not in text
    if end != len(text) or (not plain and _dump(value) != text):
        raise ValueError("not in canonical form")
    if not text.isascii() and not unicodedata.is_normalized("NFC", text) and _settled(value) != value:
        raise ValueError("not in normal form")
    return value


def _settled(value: Any) -> Any:
    """The value with each text in normal form by itself."""
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if isinstance(value, list):
        return [_settled(one) for one in value]
    if isinstance(value, dict):
        return {unicodedata.normalize("NFC", name): _settled(one) for name, one in value.items()}
    return value


VERSION_7 = re.compile(r"([0-9a-f]{8})-([0-9a-f]{4})-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def time_in(event_id: str) -> datetime | None:
    """When an id was made (RFC 9562, version 7); None where it does not say."""
    match = VERSION_7.fullmatch(event_id)
    return datetime.fromtimestamp(min(int(match[1] + match[2], 16) / 1000, 2**37), UTC) if match else None


def written(moment: datetime) -> str:
    """A moment as entries have it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


MARKED = bytes([*range(32), ord("\\")])
"""What text that is written in one way only does not hold: control characters and backslashes."""
PLAIN, COUNT = r'"[^"]*"', r"(?:0|-?[1-9][0-9]{0,14})"
NAME = r'"([!#-\[\]-~]+)"'
TIME = r'"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-5][0-9]\.[0-9]{6}Z)"'
TAKEN = {"id": NAME, "stream": NAME, "stream_version": f"({COUNT})", "time": TIME}
"""What is taken out of an entry, in the order in which it stands there."""
OFTEN, MOST_FORMS = 16, 1000
"""How often a kind of entry is read before a pattern is made of it, and how many patterns are made at most."""


def is_plain(text: bytes) -> bool:
    """Whether nothing in it is `MARKED`."""
    return len(text.translate(None, MARKED)) == len(text)


class Forms:
    """What entries look like that were read in full, as patterns: the next ones of their kind are held against them.

    A pattern has the very names and marks of an entry that `parse` accepted, and in the place of each value what any
    value of its kind may be that can be written in one way only: text without quotes, backslashes and control
    characters, whole numbers of at most fifteen digits. What fits is canonical as well; what does not fit is read.
    """

    def __init__(self) -> None:
        self.known: dict[bytes, list[Callable[[bytes], re.Match[bytes] | None]]] = {}
        self.met: Counter[bytes] = Counter()
        self.many = 0

    def match(self, entry: bytes, *, plain: bool = False) -> re.Match[bytes] | None:
        """The entry held against what is known; None where it must be read. `plain`: nothing in it is `MARKED`."""
        if not plain and not is_plain(entry):
            return None
        for fits in self.known.get(entry[entry.rfind(b'"type":') :], ()):
            if match := fits(entry):
                # What is no text raises, and is reported.
                return match if entry.isascii() or unicodedata.is_normalized("NFC", entry.decode()) else None
        return None

    def learn(self, entry: bytes, value: dict[str, Any]) -> None:
        """Take in an entry that was read."""
        kind = entry[entry.rfind(b'"type":') :]
        self.met[kind] += 1
        if self.met[kind] % OFTEN == 0 and self.many < MOST_FORMS:
            self.many += 1
            members = (f"{self.name(name)}:{TAKEN.get(name) or self.pattern(one, name)}" for name, one in value.items())
            self.known.setdefault(kind, []).insert(0, re.compile(f"{{{','.join(members)}}}".encode()).fullmatch)

    def pattern(self, value: Any, name: str = "") -> str:
        """Anything like this value; just this one of `source`, `type` and `version`."""
        if name in ("source", "type", "version") or value is None or isinstance(value, bool):
            return re.escape(_dump(value))
        if isinstance(value, str):
            return PLAIN
        if isinstance(value, int):
            return COUNT
        if isinstance(value, dict):
            return f"{{{','.join(f'{self.name(name)}:{self.pattern(one)}' for name, one in value.items())}}}"
        if all(isinstance(one, str) for one in value):
            return rf"\[(?:{PLAIN}(?:,{PLAIN})*)?\]"
        return rf"\[{','.join(map(self.pattern, value))}\]"

    @staticmethod
    def name(name: str) -> str:
        """The name of a member, as it is written."""
        return re.escape(_dump(name))


_FORMS = Forms()
ROUGHLY = timedelta(seconds=126)
_AGREEING: set[bytes] = set()
"""Beginnings of ids (65.5 seconds long) with the minutes of times that surely agree with any id and time like these."""
HEAPS = 32
ACCEPTED, WITNESSING_BEGUN = DECISIONS = ("log.source_accepted", "log.witnessing_begun")
"""Events in which a service says that a neighbour's log was restored, and from where on it is witnessed since."""


@dataclass
class Examined:
    """A bundle of entries with its tile of leaves, looked at by themselves: what any process can do.

    `same` says that the tile holds the very leaves of the entries; then it is not carried along a second time.
    """

    start: int
    width: int
    found: list[tuple[int, str, int, dict[str, Any]]] = field(default_factory=list)
    lost: bool = False
    tile: bytes | None = None
    same: bool = False
    rows: list[bytes] = field(default_factory=list)
    times: list[str] = field(default_factory=list)
    heaps: list[tuple[bytes, int]] = field(default_factory=list)
    decisions: list[tuple[int, dict[str, Any]]] = field(default_factory=list)

    def add(self, outcome: int, what: str, position: int, **more: Any) -> None:
        """Note something for the report."""
        self.found.append((outcome, what, position, more))

    def read(self, folder: Path, path: str) -> bytes | None:
        """A file of the log; None where there is none."""
        try:
            return content_of(f"{folder}/{path}")
        except OSError:
            self.add(TAMPERED, "file_missing", self.start, file=f"{folder.name}/{path}")
            return None

    def hash(self, bundle: bytes) -> None:
        """The leaves, and the rows above them."""
        width, tile = self.width, self.tile
        hashes, whole = leaves_of(bundle)
        leaves, count = b"".join(hashes), len(hashes)
        if tile is not None and len(tile) != 32 * width:
            self.add(TAMPERED, "tile_of_another_width", self.start)
            self.tile = tile = None
        if not whole or count != width:
            self.lost = True
            at = min(count, width)
            what = "bundle_cut" if not whole else "entries_missing" if count < width else "entries_added"
            should, there = ((row or b"")[at * 32 :][:32] or None for row in (tile, leaves))
            self.add(TAMPERED, what, self.start + at, expected=should, found=there, entries=count, of=width)
            # Where an entry is missing, the tile says what should be there.
            leaves = (leaves + (tile or bytes(32 * width))[len(leaves) :])[: 32 * width]
        self.rows = rows_over(leaves)
        if self.tile == leaves:
            self.same, self.tile = True, None

    def say(self, entries: list[bytes], source: str) -> None:
        """What the entries say: their times, and by the hash of id and stream into heaps, what must fit together."""
        ids: list[list[bytes]] = [[] for _ in range(HEAPS)]
        streams: list[list[bytes]] = [[] for _ in range(HEAPS)]
        times, known, agreeing = self.times, _FORMS.match, _AGREEING
        # Of all at once, which takes a quarter of the time: there is hardly ever anything.
        plain = is_plain(b"".join(entries))
        for at, entry in enumerate(entries, self.start):
            try:
                match = known(entry, plain=plain)
                name, stream, version, written_at = match.groups() if match else self.full(at, entry, source)
                time = written_at.decode()
                # Only of version 7 an id says when it was made, and only there this digit is a 7.
                if name[14:15] == b"7" and (not match or name[:8] + written_at[:16] not in agreeing):
                    self.agrees(at, name, time)
                ids[crc32(name) % HEAPS].append(b"%b %d\n" % (name, at))
                streams[crc32(stream) % HEAPS].append(b"%b %b %d\n" % (stream, version, at))
            except (ValueError, TypeError, KeyError, RecursionError) as error:
                self.add(UNREADABLE, "entry_unreadable", at, reason=str(error))
                self.lost, time = True, ""
            times.append(time)
        self.heaps = [(b"".join(heap), len(heap)) for heap in (*ids, *streams)]

    def agrees(self, at: int, name: bytes, time: str) -> None:
        """Whether an entry's time is that of its id. Raises ValueError on what is no time."""
        made, said = time_in(name.decode()), datetime.fromisoformat(time)
        if made is not None and abs(made - said) > FAR:
            self.add(TAMPERED, "time_contradicts_id", at, time=time, made=written(made))
        elif made is not None and abs(made - said) <= FAR - ROUGHLY and len(_AGREEING) < MOST_TIMES:
            _AGREEING.add(name[:8] + time[:16].encode())

    def full(self, at: int, entry: bytes, source: str) -> tuple[bytes, bytes, bytes, bytes]:
        """The id, stream, version and time of an entry that is read in full. Raises what is wrong with it."""
        value = parse(entry)
        name, stream, version, time = value["id"], value["stream"], value["stream_version"], value["time"]
        if value["source"] != source:
            self.add(TAMPERED, "entry_of_another_log", at, source=value["source"])
        if len(time) != 27 or time[10] != "T" or time[26] != "Z" or f"{name} {stream}".split() != [name, stream]:
            raise ValueError("a field is not as every entry has it")
        if value["type"] in DECISIONS:  # always read, for what they say
            self.decisions.append((at, value))
        elif value["source"] == source:
            _FORMS.learn(entry, value)
        return name.encode(), stream.encode(), b"%d" % version, time.encode()


def examine(job: tuple[Path, str, int, int, bool]) -> Examined:
    """Read and hash up to 256 entries from `start`; with `parsed`, read what they say."""
    folder, source, start, width, parsed = job
    one = Examined(start, width)
    bundle = one.read(folder, tile_path("entries", start // WIDTH, width)) if width else b""
    one.tile = one.read(folder, tile_path("0", start // WIDTH, width)) if width else b""
    one.hash(bundle or b"")
    if parsed:
        one.say(entries_in(bundle or b"")[:width], source)
    return one


def check_heap(job: tuple[bytes, bool]) -> list[tuple[int, str, int, dict[str, Any]]]:
    """Each id once; each stream counted from 1 without gaps. Where entries are lost, gaps are no news.

    A heap holds ids or streams. Nothing is looked at line by line where a set says that each id is there once.
    """
    text, lost = job
    if text[: text.find(b"\n")].count(b" ") == 1:
        names = text.split()[::2]
        if len(set(names)) == len(names):
            return []
    versions: dict[bytes, int] = {}
    found: list[tuple[int, str, int, dict[str, Any]]] = []
    for line in text.split(b"\n")[:-1]:
        name, version, *rest = line.split(b" ")
        before = versions.get(name, 0)
        versions[name] = present = int(version) if rest else 1
        if not rest:
            if before:
                found.append((TAMPERED, "id_repeated", int(version), {"id": name.decode()}))
        elif present != before + 1 and not (lost and present > before):
            facts = {"stream": name.decode(), "version": present, "version_before": before}
            found.append((TAMPERED, "stream_version_broken", int(rest[0]), facts))
    return found


def workers() -> int:
    """How many processes may work: the processors that this one may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Contents:
    """What the entries of one log say, gathered: heaps go to disk once they are large, so that memory stays small."""

    IN_MEMORY = 200_000

    def __init__(self, log: str, report: Report, accept_late: timedelta) -> None:
        self.log, self.report, self.accept_late = log, report, accept_late
        self.heaps: list[list[bytes]] = [[] for _ in range(2 * HEAPS)]
        self.files: list[Any] = []
        self.waiting = 0
        self.lost = False
        self.span: list[tuple[int, list[str]]] = []
        """Times since the last checkpoint, with the position of the first of each lot."""
        self.high = ""
        """The latest time so far, no later than what was signed."""
        self.signed: datetime | None = None

    def times(self, position: int, times: list[str]) -> None:
        """The times of the next entries; nothing for one that could not be read."""
        if any(times):
            self.span.append((position, times))
        if sum(len(some) for _, some in self.span) > MOST_TIMES:
            self.hold_times(None)

    def take(self, heaps: list[tuple[bytes, int]]) -> None:
        """What the next entries say of ids and streams: lines, and how many."""
        for number, (lines, count) in enumerate(heaps):
            self.heaps[number].append(lines)
            self.waiting += count
        if self.waiting > self.IN_MEMORY:
            self.spill()

    def spill(self) -> None:
        """Write the heaps to temporary files."""
        if not self.files:
            self.files = [tempfile.TemporaryFile() for _ in range(2 * HEAPS)]  # noqa: SIM115 - `finish` closes them
        for file, heap in zip(self.files, self.heaps, strict=True):
            file.write(b"".join(heap))
            heap.clear()
        self.waiting = 0

    def texts(self) -> Iterator[tuple[bytes, bool]]:
        """Each heap, for `check_heap`."""
        for number in range(2 * HEAPS):
            text = b"".join(self.heaps[number])
            if self.files:
                self.files[number].seek(0)
                text = self.files[number].read() + text
                self.files[number].close()
            yield text, self.lost

    def finish(self, run: Run) -> None:
        """Hold ids and streams against each other, and the times that nothing signed covers."""
        self.hold_times(None)
        for some in run(check_heap, self.texts()):
            for outcome, what, at, facts in some:
                self.report.add(outcome, what, self.log, at, **facts)

    def checkpoint(self, size: int, time: datetime | None) -> None:
        """Hold the times since the last checkpoint against this one, of `size` entries, which was there at `time`."""
        if time is None:
            return
        self.hold_times(time)
        if self.signed is not None and self.signed - time > FAR:
            self._late("checkpoint_time_stands_back", max(size - 1, 0), time, self.signed)
        self.signed = time
        self.high = written(time)

    def hold_times(self, signed: datetime | None) -> None:
        """Each entry was recorded before what covers it was signed, and not long before the entry ahead of it.

        What an outage has kept waiting comes in order: what of it the next checkpoint covers is only said
        (`signed_late`), what further checkpoints cover stands back against the one before, as if it were back-dated.
        """
        latest, early = (written(signed + FAR), written(signed - LONG)) if signed is not None else ("~", "")
        waited: list[tuple[int, str]] = []
        for start, times in self.span:
            for at, words in enumerate(times, start):
                if words > latest:
                    self.report.add(TAMPERED, "time_after_checkpoint", self.log, at, time=words, checkpoint=latest)
                elif words >= self.high:
                    self.high = words
                    if words and words < early:
                        waited.append((at, words))
                elif words:
                    self._late("time_stands_back", at, words, self.high)
        self.span.clear()
        if waited and signed is not None:
            facts = {"until": waited[-1][0], "time": waited[0][1], "checkpoint": written(signed)}
            self.report.add(WHOLE, "signed_late", self.log, waited[0][0], **facts)

    def _late(self, what: str, at: int, time: datetime | str, beside: datetime | str) -> None:
        """Report a time that stands back by more than `FAR`. What an auditor knows of and accepts is no verdict."""
        try:
            one, other = (datetime.fromisoformat(each) if isinstance(each, str) else each for each in (time, beside))
        except ValueError:
            self.report.add(UNREADABLE, "entry_unreadable", self.log, at, reason="its time is no time")
            return
        if other - one > FAR:
            facts = {"time": written(one), "beside": written(other), "seconds": int((other - one).total_seconds())}
            self.report.add(LATE if other - one > self.accept_late else WHOLE, what, self.log, at, **facts)


# ---- One log ------------------------------------------------------------------------------------------------------


class Log:
    """The walk over one log of an export: every file of it once, in the order of positions."""

    def __init__(
        self, folder: Path, policy: Policy, report: Report, *, parsed: bool, accept_late: timedelta = FAR
    ) -> None:
        self.folder, self.policy, self.report, self.accept_late = folder, policy, report, accept_late
        self.name = folder.name
        self.parsed = parsed
        self.size = self.signed_size = self.witnessed_size = 0
        self.cosigned = ""
        self.root: bytes | None = None
        self.diverged = False
        self.trees = [Tree()]
        self.differing: list[tuple[int, bytes, bytes]] = []

    def verify(self, saved: dict[str, list[Checkpoint]], progress: Callable[[int, int], None]) -> None:
        """Check the log. `saved` are the checkpoints that the auditor kept."""
        newest = self._newest()
        if newest is None:
            return
        self.size, note = newest
        self.name = note.partition("\n")[0]
        self.contents = Contents(self.name, self.report, self.accept_late)
        self.kept = iter(saved.get(self.name, []))
        self.next_kept = next(self.kept, None)
        self.signed = self._checkpoints()
        self.next = next(self.signed, None)
        if (self.folder / "checkpoint").read_text(encoding="utf-8") != note:
            self.report.add(TAMPERED, "checkpoint_is_not_the_newest", self.name)
        if self.size < (ALONE if self.parsed else HASHES_ALONE) or workers() < 2:
            self._walk(map, progress)
            return
        with multiprocessing.Pool(workers()) as pool:
            self._walk(lambda work, jobs: pool.imap(work, jobs, chunksize=8), progress)

    def _walk(self, run: Run, progress: Callable[[int, int], None]) -> None:
        # In spans: a pool takes all jobs that it is given at once.
        for span in range(0, self.size, SPAN) or (0,):
            starts = range(span, min(span + SPAN, self.size), WIDTH) or (0,)
            jobs = [(self.folder, self.name, at, min(WIDTH, self.size - at), self.parsed) for at in starts]
            for one in run(examine, jobs):
                self._tile(one)
                progress(one.start, self.size)
        self._finish(run)

    def _newest(self) -> tuple[int, str] | None:
        """What the last line of the checkpoints claims, signed or not: so far the files must reach."""
        last = ""
        with (self.folder / "checkpoints.jsonl").open(encoding="utf-8", newline="\n") as lines:
            for last in lines:  # noqa: B007 - the last is wanted
                pass
        if not last:
            if (self.folder / "tile").exists():
                self.report.add(UNTRUSTED, "log_unsigned", self.name)
            return None
        row = json.loads(last)
        return int(row["size"]), str(row["note"])

    def _checkpoints(self) -> Iterator[Checkpoint]:
        """The log's own checkpoints that a trusted key signed, by size."""
        size = -1
        with (self.folder / "checkpoints.jsonl").open("rb") as lines:
            for number, line in enumerate(lines, 1):
                try:
                    row = parse(line.removesuffix(b"\n"))
                    one = read_checkpoint(row["note"], self.policy)
                    one.time = datetime.fromisoformat(row["time"])
                    fits = row["size"] == one.size >= size and one.origin == self.name
                except Wrong as wrong:
                    code = "checkpoint_untrusted" if wrong.outcome == UNTRUSTED else "checkpoint_unreadable"
                    self.report.add(wrong.outcome, code, self.name, line=number, reason=str(wrong))
                except (ValueError, TypeError, KeyError, RecursionError) as error:
                    self.report.add(UNREADABLE, "checkpoint_unreadable", self.name, line=number, reason=str(error))
                else:
                    if fits:
                        size = one.size
                        yield one
                    else:
                        self.report.add(TAMPERED, "checkpoint_out_of_place", self.name, line=number, size=one.size)

    def _tile(self, one: Examined) -> None:
        """The next 256 entries, or what is left of them: roots, tiles above."""
        for outcome, what, at, facts in one.found:
            self.report.add(outcome, what, self.name, at, **facts)
        self.contents.lost |= one.lost
        self.report.decisions += [(self.name, at, entry) for at, entry in one.decisions]
        start, leaves = one.start, one.rows[0]
        if one.tile is not None:
            self._differs(start, leaves, one.tile)
        self.trees[0].rows = one.rows
        if len(self.trees) > 1:
            self.trees[1].rows = rows_over(one.tile if one.tile is not None else leaves)
        begun = 0
        for end in self._marks(start, one.width):
            self.contents.times(start + begun, one.times[begun : end - start])
            begun = end - start
            self._compare(end, begun)
        self.contents.times(start + begun, one.times[begun:])
        self.contents.take(one.heaps)
        if one.width == WIDTH:
            self._settle(start)

    def _read(self, path: str, start: int) -> bytes | None:
        try:
            return content_of(f"{self.folder}/{path}")
        except OSError:
            self.report.add(TAMPERED, "file_missing", self.name, start, file=f"{self.folder.name}/{path}")
            return None

    def _differs(self, start: int, leaves: bytes, tile: bytes) -> None:
        """Entries and tile contradict each other. Which of them was signed, the next checkpoint will say."""
        if len(self.trees) == 1:
            self.trees.append(self.trees[0].copy())
        for at in range(0, len(tile), 32):
            if leaves[at : at + 32] != tile[at : at + 32] and len(self.differing) < MOST_KEPT:
                self.differing.append((start + at // 32, leaves[at : at + 32], tile[at : at + 32]))

    def _marks(self, start: int, width: int) -> Iterator[int]:
        """The sizes within this tile of which something was signed, in order."""
        while True:
            sizes = [one.size for one in (self.next, self.next_kept) if one is not None]
            if not sizes or min(sizes) > start + width or (min(sizes) == start and start):
                return
            yield min(sizes)

    def _compare(self, size: int, width: int) -> None:
        """Hold every checkpoint of this size against the tree."""
        roots = [tree.root(width) for tree in self.trees]
        self._resolve(size, roots)
        while self.next is not None and self.next.size == size:
            one, self.next = self.next, next(self.signed, None)
            if self.parsed:
                # A witness's time is signed, the other is only written down: it was there by the earlier of them.
                there = [*([one.time] if one.time else []), *one.witnesses.values()]
                self.contents.checkpoint(size, min(there, default=None))
            if self.next is not None and self.next.size == size and self.next.root != one.root:
                self.report.add(ROLLED_BACK, "split", self.name, size - 1, expected=one.root, found=self.next.root)
            if one.root in roots:
                self.signed_size = size
                if one.witnesses:
                    self.cosigned = f", cosigned to {size} by {', '.join(sorted(one.witnesses))}"
                if self.policy.witnessed(set(one.witnesses)):
                    self.witnessed_size = size
            elif not self.diverged:
                self.diverged = True  # every later root differs with it
                at = {"until": max(size - 1, 0), "expected": one.root, "found": roots[0]}
                self.report.add(TAMPERED, "root_changed", self.name, self.signed_size, **at)
            self.root = one.root
        while self.next_kept is not None and self.next_kept.size == size:
            kept, self.next_kept = self.next_kept, next(self.kept, None)
            if kept.root not in roots:
                at = {"expected": kept.root, "found": roots[0], "saved": kept.kept, "size": size}
                self.report.add(ROLLED_BACK, "split", self.name, max(size - 1, 0), **at)

    def _resolve(self, size: int, roots: list[bytes]) -> None:
        """Name what differed before this size: the entry, unless it is the entries that lead to the signed root."""
        if self.next is None or self.next.size != size:
            return
        entries_are_right = self.next.root == roots[0]
        while self.differing and self.differing[0][0] < size:
            at, leaf, tile = self.differing.pop(0)
            what, expected, found = ("tile_changed", leaf, tile) if entries_are_right else ("entry_changed", tile, leaf)
            self.report.add(TAMPERED, what, self.name, at, expected=expected, found=found)

    def _settle(self, start: int) -> None:
        """Add a full tile to the tree, and hold the tiles above against it as they become full."""
        grown = [list(tree.settle()) for tree in self.trees]
        for level, width in grown[0]:
            if width == WIDTH:
                index = (start + WIDTH) // WIDTH ** (level + 1) - 1
                self._above(level, index, [bytes(tree.tiles.pop(level)) for tree in self.trees])

    def _above(self, level: int, index: int, computed: list[bytes]) -> None:
        first = index * WIDTH ** (level + 1)
        stored = self._read(tile_path(str(level), index, len(computed[0]) // 32), first)
        if stored is None or stored in computed:
            return
        right = computed[-1]
        spans = range(0, max(len(stored), len(right)), 32)
        at = next(at for at in spans if stored[at : at + 32] != right[at : at + 32])
        first += at // 32 * WIDTH**level
        both = {"expected": right[at : at + 32], "found": stored[at : at + 32]}
        self.report.add(TAMPERED, "node_changed", self.name, first, until=first + WIDTH**level - 1, **both)

    def _finish(self, run: Run) -> None:
        for level in sorted(self.trees[0].tiles):
            self._above(level, self.size // WIDTH ** (level + 1), [bytes(tree.tiles[level]) for tree in self.trees])
        for at, leaf, tile in self.differing:
            self.report.add(TAMPERED, "entry_changed", self.name, at, expected=tile, found=leaf)
        if self.parsed:
            self.contents.finish(run)
        while self.next is not None:
            self.report.add(ROLLED_BACK, "rolled_back", self.name, self.size, until=self.next.size - 1)
            self.next = next(self.signed, None)
        while self.next_kept is not None:
            cut = {"until": self.next_kept.size - 1, "saved": self.next_kept.kept}
            self.report.add(ROLLED_BACK, "rolled_back", self.name, self.size, **cut)
            self.next_kept = next(self.kept, None)
        if self.signed_size < self.size and not self.diverged:
            self.report.add(UNTRUSTED, "tail_unsigned", self.name, self.signed_size, until=self.size - 1)
        if self.witnessed_size < self.signed_size:
            outcome = UNTRUSTED if not self.witnessed_size else WHOLE
            self.report.add(outcome, "not_witnessed", self.name, self.witnessed_size, until=self.signed_size - 1)
        root = base64.b64encode(self.root).decode() if self.root else "-"
        signed = f"signed to {self.signed_size}{self.cosigned}"
        self.report.logs.append(f"{self.name}: {self.size} entries, {signed}, root {root}")


# ---- Logs that were restored ---------------------------------------------------------------------------------------


def say_decisions(report: Report) -> None:
    """Name each decision to go on with a log that is not what it was: which one, from where on, who, and when."""
    for log, position, entry in report.decisions:
        try:
            data, actor = entry["data"], entry["actor"]
            words = {"source": data["source"], "from_size": data["size"], "by": actor["id"], "time": entry["time"]}
            if entry["type"] == ACCEPTED:
                report.add(WHOLE, "restored_log_accepted", log, position, seen=data["seen"], **words)
            else:
                more = {"lost_size": data["lost_size"], "lost_root": data["lost_root"]}
                report.add(WHOLE, "restored_log_witnessing_begun", log, position, **words, **more)
        except (KeyError, TypeError):
            report.add(UNREADABLE, "entry_unreadable", log, position, reason="a decision without its fields")


def check_lost(place: Path, policy: Policy, report: Report, *, parsed: bool) -> None:
    """Checkpoints that witnesses cosigned and the log does not continue: somebody must have accepted that."""
    file = place / "lost.jsonl"
    for number, line in enumerate(file.read_bytes().splitlines() if file.exists() else [], 1):
        try:
            row = parse(line)
            one, witness = read_checkpoint(row["note"], policy), row["witness"]
            facts = {"size": one.size, "root": one.root.hex(), "witness": witness}
        except (Wrong, ValueError, TypeError, KeyError, RecursionError) as wrong:
            outcome = wrong.outcome if isinstance(wrong, Wrong) else UNREADABLE
            report.add(outcome, "lost_checkpoint", place.name, line=number, reason=str(wrong))
            continue
        decided = [
            f"{log} {position}"
            for log, position, entry in report.decisions
            if log.rpartition("/")[2] == witness and _covers(entry, place.name, one.size)
        ]
        if decided or not parsed:
            report.add(
                WHOLE, "checkpoint_lost", one.origin, one.size - 1, **facts, accepted=decided[0] if decided else "?"
            )
        else:
            report.add(ROLLED_BACK, "checkpoint_lost_and_not_accepted", one.origin, one.size - 1, **facts)


def _covers(entry: dict[str, Any], source: str, size: int) -> bool:
    """Whether a decision says that a source's log need not continue its checkpoint of this size."""
    data = entry.get("data")
    if entry.get("type") != WITNESSING_BEGUN or not isinstance(data, dict) or data.get("source") != source:
        return False
    first, last = data.get("size"), data.get("lost_size")
    return isinstance(first, int) and isinstance(last, int) and first < size <= last


# ---- Receipts, the manifest, the whole ----------------------------------------------------------------------------


def read_receipt(text: str, policy: Policy) -> tuple[Checkpoint, int, bytes]:
    """The checkpoint, position and entry of a receipt, when its proof leads from the entry to the signed root."""
    head, _, note = text.partition("\n\n")
    lines = head.split("\n")
    index = lines[2].removeprefix("index ") if len(lines) > 2 and lines[1].startswith("extra ") else ""
    if lines[0] != RECEIPT or not NUMBER.fullmatch(index) or f"index {index}" != lines[2]:
        raise Wrong(UNREADABLE, "not a receipt with its entry")
    entry, position, proof = strict64(lines[1][6:]), int(index), [strict64(one) for one in lines[3:]]
    checkpoint = read_checkpoint(note, policy)
    current, at, last = sha256(b"\x00" + entry).digest(), position, checkpoint.size - 1
    for sibling in proof:  # RFC 9162, section 2.1.3.2
        if last == 0 or len(sibling) != 32:
            raise Wrong(TAMPERED, "the proof does not fit the tree")
        if at & 1 or at == last:
            current = node(sibling, current)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            current = node(current, sibling)
        at, last = at >> 1, last >> 1
    if position >= checkpoint.size or last or current != checkpoint.root:
        raise Wrong(TAMPERED, f"the proof leads to {current.hex()}, signed is {checkpoint.root.hex()}")
    return checkpoint, position, entry


MANIFEST = "MANIFEST.sha256"
LISTED = re.compile(r"([0-9a-f]{64})  ([!-~]+)")


def check_manifest(folder: Path, report: Report, *, recomputed: bool) -> None:
    """Hold every file against the manifest; without `recomputed` those are left out that the tree speaks for."""
    before, names = "", set()
    # As bytes: read as text, a carriage return would pass for the line feed that it was changed from.
    content = (folder / MANIFEST).read_bytes()
    for line in content.decode("ascii").split("\n")[:-1]:
        match = LISTED.fullmatch(line)
        if match is None or match[2] <= before or ".." in match[2]:
            raise Wrong(UNREADABLE, f"the manifest has a line out of order: {line[:200]}")
        before = match[2]
        names.add(before)
        if "/tile/" in before and not recomputed:
            continue
        try:
            found = sha256(content_of(f"{folder}/{before}")).hexdigest()
        except OSError:
            report.add(TAMPERED, "file_missing", file=before)
            continue
        if found != match[1]:
            report.add(TAMPERED, "file_changed", file=before, expected=match[1], found=found)
    if not content.endswith(b"\n"):
        raise Wrong(UNREADABLE, "the manifest is cut off")
    for place, _folders, files in os.walk(folder):
        within = Path(place).relative_to(folder).as_posix().removeprefix(".")
        for name in files:
            file = f"{within}/{name}" if within else name
            if file not in names and file != MANIFEST and (folder / file).is_file():
                report.add(WHOLE, "file_not_listed", file=file)


def _silent(_done: int, _all: int) -> None:
    """No progress is shown."""


def verify_export(
    folder: Path,
    *,
    policy: Path | None = None,
    saved: list[Path] | None = None,
    parsed: bool = True,
    accept_late: timedelta = FAR,
    progress: Callable[[int, int], None] = _silent,
) -> Report:
    """Check an export. What cannot be read at all is a finding as well: nothing is raised.

    Times that stand back by no more than `accept_late` are reported and no verdict.
    """
    report = Report()
    try:
        trusted = Policy((policy or folder / "trust-policy.txt").read_text(encoding="utf-8"))
        report.quorum = trusted.quorum
        check_manifest(folder, report, recomputed=parsed)
        kept = saved_checkpoints(saved or [], trusted, report)
        origins = set()
        for place in sorted((folder / "logs").iterdir()):
            log = Log(place, trusted, report, parsed=parsed, accept_late=accept_late)
            try:
                log.verify(kept, progress)
            except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
                report.add(UNREADABLE, "log_unreadable", place.name, reason=f"{type(error).__name__}: {error}")
            origins.add(log.name)
        say_decisions(report)
        for place in sorted((folder / "logs").iterdir()):
            check_lost(place, trusted, report, parsed=parsed)
        for origin in sorted({name for name, _ in trusted.logs} - origins):
            if not (folder / "logs" / origin.rpartition("/")[2]).is_dir():
                report.add(TAMPERED, "log_missing", origin)
            elif origin in kept and kept[origin][-1].size:
                report.add(ROLLED_BACK, "rolled_back", origin, 0, until=kept[origin][-1].size - 1)
    except Wrong as wrong:
        report.add(wrong.outcome, "export_unreadable", reason=str(wrong))
    except (OSError, ValueError) as error:
        report.add(UNREADABLE, "export_unreadable", reason=f"{type(error).__name__}: {error}")
    return report


def verify_receipt(file: Path, policy: Path) -> Report:
    """Check a receipt against the keys of a policy."""
    report = Report()
    try:
        trusted = Policy(policy.read_text(encoding="utf-8"))
        report.quorum = trusted.quorum
        checkpoint, position, entry = read_receipt(file.read_text(encoding="utf-8"), trusted)
        value = parse(entry)
        root = base64.b64encode(checkpoint.root).decode()
        report.logs.append(f"{checkpoint.origin}: entry {position} of {checkpoint.size}, root {root}")
        report.logs.append(f"{value['type']} {value['id']} at {value['time']}")
        if not trusted.witnessed(set(checkpoint.witnesses)):
            report.add(UNTRUSTED, "not_witnessed", checkpoint.origin, position)
    except Wrong as wrong:
        report.add(wrong.outcome, "receipt", reason=str(wrong))
    except (OSError, ValueError, KeyError, TypeError) as error:
        report.add(UNREADABLE, "receipt", reason=f"{type(error).__name__}: {error}")
    return report


def main(arguments: list[str] | None = None) -> int:
    """Check what the command line names, say what was found, and give the exit code."""
    here = Path(__file__).resolve().parent
    parser = argparse.ArgumentParser(description="Check an export of Shouwang's logs, or a receipt.")
    parser.add_argument("path", nargs="?", type=Path, default=here, help="an export, or a receipt")
    parser.add_argument("--policy", type=Path, help="the keys that you trust, in C2SP tlog-policy form")
    parser.add_argument("--checkpoint", type=Path, action="append", default=[], help="a checkpoint kept from before")
    parser.add_argument("--hashes-only", action="store_true", help="do not read what stands in the entries")
    parser.add_argument(
        "--accept-late", type=int, default=0, metavar="SECONDS", help="a known backlog: times may stand back so far"
    )
    asked = parser.parse_args(arguments)

    def progress(done: int, size: int) -> None:
        if sys.stderr.isatty() and done % (WIDTH * 64) == 0:
            sys.stderr.write(f"\r{done} of {size} \r")

    if asked.path.is_dir():
        late = max(FAR, timedelta(seconds=min(asked.accept_late, 10**9)))
        how = {"policy": asked.policy, "saved": asked.checkpoint, "parsed": not asked.hashes_only, "accept_late": late}
        report = verify_export(asked.path, progress=progress, **how)
    else:
        report = verify_receipt(asked.path, asked.policy or here / "trust-policy.txt")
    for line in report.logs:
        sys.stdout.write(f"{line}\n")
    for one in sorted(report.findings, key=lambda one: (one.outcome == WHOLE, one.log, one.position or 0)):
        sys.stdout.write(f"{'look at' if one.outcome == WHOLE else OUTCOMES[one.outcome]}: {one.line()}\n")
    for what, count in report.counts.items():
        if count > MOST_KEPT:
            sys.stdout.write(f"{what}: {count - MOST_KEPT} more\n")
    if report.quorum == "none":
        sys.stdout.write(
            "No witness was asked for (quorum none): the log's own key alone vouches for what it signed.\n"
        )
    if asked.policy is None:
        sys.stdout.write("The trusted keys were read from the export itself: compare them with those you were given.\n")
    sys.stdout.write(f"{OUTCOMES[report.exit_code]}\n")
    return report.exit_code


if __name__ == "__main__":
    sys.exit(main())
