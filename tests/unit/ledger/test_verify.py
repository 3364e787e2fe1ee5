"""A log that was touched anywhere is found out, with the place and both hashes; an untouched one is whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.kernel.ids import new_id
from shared.ledger.canonical import canonical
from shared.ledger.merkle import Frontier, Node, leaf_hash, root_of
from shared.ledger.notes import SigningKey, sign_checkpoint
from shared.ledger.verify import Outcome, Report, StoredCheckpoint, verify_log
from shared.ledger.verify.report import MOST_KEPT

ORIGIN = "liuyang.example/casework"
KEY = SigningKey.generate(ORIGIN)
STRANGER = SigningKey.generate(ORIGIN)
START = datetime(2026, 11, 23, 8, tzinfo=UTC)
SIZE = 40
SIGNED_AT = (7, 16, 33, 40)


def stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def entry_at(position: int) -> dict[str, Any]:
    """Three streams take turns; each entry has one sealed part."""
    return {
        "id": f"event-{position}",
        "stream": f"casework.case-{position % 3}",
        "stream_version": position // 3 + 1,
        "time": stamp(START + timedelta(seconds=position)),
        "data": {"number": position},
        "sealed": [{"part": "note", "commitment": "00"}],
    }


def signed(leaves: list[bytes], key: SigningKey = KEY, origin: str = ORIGIN) -> StoredCheckpoint:
    root, size = root_of(leaves), len(leaves)
    time = START + timedelta(seconds=size)
    return StoredCheckpoint(sign_checkpoint(origin, size, root, key), size, root, time)


@dataclass
class Log:
    """A log as a database holds it. A test changes what it likes and then verifies."""

    rows: list[tuple[int, str, bytes | None, bytes | None]]
    checkpoints: list[StoredCheckpoint]
    nodes: list[Node]
    tree_size: int = SIZE
    missing: set[tuple[str, str]] = field(default_factory=set)

    def verify(self, **options: Any) -> Report:
        settings: dict[str, Any] = {
            "nodes": self.nodes,
            "tree_size": self.tree_size,
            "missing_part": lambda event_id, part: (event_id, part) in self.missing,
        } | options
        return verify_log(iter(self.rows), iter(self.checkpoints), [KEY.verifier], **settings)

    def leaves(self) -> list[bytes]:
        return [leaf for _, _, _, leaf in self.rows if leaf is not None]

    def alter(self, position: int, *, leaf_too: bool = False, **fields: Any) -> None:
        """Change an entry behind the system's back, with or without its leaf hash."""
        entry = canonical(entry_at(position) | fields)
        self.put(position, entry, leaf_hash(entry) if leaf_too else self.rows[position][3])

    def put(self, position: int, entry: bytes | None, leaf: bytes | None) -> None:
        self.rows[position] = (position, f"event-{position}", entry, leaf)


def log_of(entries: list[bytes], signed_at: tuple[int, ...] = SIGNED_AT) -> Log:
    leaves = [leaf_hash(entry) for entry in entries]
    edge = Frontier()
    return Log(
        rows=[(at, f"event-{at}", entry, leaf) for at, (entry, leaf) in enumerate(zip(entries, leaves, strict=True))],
        checkpoints=[signed(leaves[:size]) for size in signed_at],
        nodes=[node for leaf in leaves for node in edge.append(leaf)],
        tree_size=len(entries),
    )


@pytest.fixture
def log() -> Log:
    return log_of([canonical(entry_at(position)) for position in range(SIZE)])


def found(report: Report) -> list[tuple[str, int | None]]:
    return [(one.what, one.position) for one in report.findings]


def test_an_untouched_log_is_whole(log: Log) -> None:
    report = log.verify()
    assert (report.outcome, report.exit_code, report.findings, report.warnings) == (Outcome.WHOLE, 0, [], [])
    assert (report.size, report.signed_size, report.root) == (SIZE, SIZE, root_of(log.leaves()).hex())


def test_an_empty_log_is_whole() -> None:
    assert verify_log([], [], [KEY.verifier], []).exit_code == 0
    assert verify_log([], [signed([])], [KEY.verifier], [], tree_size=0).exit_code == 0


@pytest.mark.parametrize("position", [0, 1, 19, 32, 39])
def test_a_changed_entry_is_named_with_both_hashes(log: Log, position: int) -> None:
    right = log.rows[position][3]
    log.alter(position, data={"number": 99})
    report = log.verify()
    assert report.exit_code == 1
    assert found(report) == [("entry_changed", position)]
    assert report.first_bad is not None
    assert report.first_bad.expected == (right or b"").hex()
    assert report.first_bad.found == leaf_hash(log.rows[position][2] or b"").hex()
    assert report.signed_size == SIZE  # the leaf that was signed still stands


def test_of_two_changed_entries_the_first_is_called_the_first(log: Log) -> None:
    log.alter(30, data={})
    log.alter(5, data={})
    report = log.verify()
    assert found(report) == [("entry_changed", 5), ("entry_changed", 30)]
    assert report.first_bad == report.findings[0]


def test_a_changed_root_is_not_put_before_the_last_one_that_agrees(log: Log) -> None:
    log.alter(3, data={})
    log.alter(20, leaf_too=True, data={})
    assert [(one.what, one.position, one.until) for one in log.verify(nodes=None).findings] == [
        ("entry_changed", 3, None),
        ("root_changed", 16, 32),
    ]


@pytest.mark.parametrize("entry", [b"", b"not json", canonical({"another": "shape"}), canonical([1])])
def test_an_entry_that_became_rubbish_is_one_finding(log: Log, entry: bytes) -> None:
    log.put(10, entry, log.rows[10][3])
    assert found(log.verify()) == [("entry_changed", 10)]


@pytest.mark.parametrize("fields", [{"stream_version": 9}, {"stream": "casework.case-9"}, {"id": "x"}, {"time": "x"}])
def test_a_changed_entry_is_not_reported_again_for_what_it_says(log: Log, fields: dict[str, Any]) -> None:
    log.alter(10, **fields)
    assert found(log.verify()) == [("entry_changed", 10)]


@pytest.mark.parametrize("position", range(SIZE))
def test_an_entry_changed_with_its_leaf_hash_is_found_in_the_stored_nodes(log: Log, position: int) -> None:
    log.alter(position, leaf_too=True, data={"number": 99})
    report = log.verify()
    assert report.exit_code == 1
    assert report.first_bad is not None
    assert report.first_bad.position is not None
    assert report.first_bad.position <= position <= (report.first_bad.until or report.first_bad.position)
    assert report.counts == {"node_changed": 1, "root_changed": 1}


def test_an_entry_changed_with_its_leaf_hash_and_all_nodes_is_found_by_the_signed_root(log: Log) -> None:
    log.alter(20, leaf_too=True, data={"number": 99})
    log.nodes = log_of([row[2] or b"" for row in log.rows]).nodes
    report = log.verify()
    assert report.exit_code == 1
    assert [(one.what, one.position, one.until) for one in report.findings] == [("root_changed", 16, 32)]
    assert report.findings[0].expected == (log.checkpoints[2].root or b"").hex()
    assert report.findings[0].found == root_of(log.leaves()[:33]).hex()
    assert report.signed_size == 16


def test_a_changed_leaf_hash_is_found(log: Log) -> None:
    log.put(10, log.rows[10][2], bytes(32))
    assert found(log.verify())[0] == ("entry_changed", 10)


def test_a_missing_leaf_hash_is_found(log: Log) -> None:
    log.put(10, log.rows[10][2], None)
    report = log.verify()
    assert found(report) == [("leaf_missing", 10)]
    assert report.signed_size == SIZE


def test_an_entry_that_is_gone_is_found_and_the_rest_still_proved(log: Log) -> None:
    log.put(10, None, log.rows[10][3])
    report = log.verify()
    assert found(report) == [("entry_missing", 10)]
    assert (report.exit_code, report.signed_size) == (1, SIZE)


def test_missing_rows_are_named_once(log: Log) -> None:
    del log.rows[10:13]
    report = log.verify()
    assert [(one.what, one.position, one.until) for one in report.findings] == [("row_missing", 10, 12)]
    assert (report.exit_code, report.root, report.signed_size) == (1, None, 7)


def test_the_first_row_cannot_go_unnoticed(log: Log) -> None:
    del log.rows[0]
    assert found(log.verify()) == [("row_missing", 0)]


def test_a_repeated_row_is_found(log: Log) -> None:
    log.rows.insert(11, log.rows[10])
    assert found(log.verify()) == [("row_repeated", 10)]


def test_two_rows_that_changed_places_are_found(log: Log) -> None:
    ten, eleven = log.rows[10], log.rows[11]
    log.rows[10:12] = [(10, *eleven[1:]), (11, *ten[1:])]
    report = log.verify()
    assert report.exit_code == 1
    assert report.first_bad is not None
    assert report.first_bad.position == 10


def test_an_event_id_beside_the_entry_that_is_another_is_found(log: Log) -> None:
    log.rows[10] = (10, "event-11", *log.rows[10][2:])
    assert found(log.verify()) == [("event_id_changed", 10)]


def test_a_log_written_with_a_broken_stream_is_tampered_with_although_all_hashes_agree() -> None:
    for version in (1, 3, 5):  # position 10 is the fourth of its stream
        entries = [entry_at(position) for position in range(12)]
        entries[10]["stream_version"] = version
        report = log_of([canonical(one) for one in entries], (12,)).verify()
        assert found(report) == [("stream_version_broken", 10)]
        assert report.findings[0].facts["version_before"] == 3


def test_a_stream_that_does_not_begin_at_one_is_found() -> None:
    entries = [canonical(entry_at(position) | {"stream_version": version}) for position, version in ((0, 0), (1, 2))]
    assert found(log_of(entries, (2,)).verify()) == [("stream_version_broken", 0), ("stream_version_broken", 1)]


def test_stream_versions_are_remembered_beyond_what_memory_keeps(monkeypatch: pytest.MonkeyPatch, log: Log) -> None:
    monkeypatch.setattr("shared.ledger.verify.checks._RECENT", 1)
    assert log.verify().exit_code == 0
    broken = log_of([canonical(entry_at(at) | {"stream_version": at // 3 + 1 + (at == 30)}) for at in range(31)], (31,))
    assert found(broken.verify()) == [("stream_version_broken", 30)]


@pytest.mark.parametrize(
    "entry",
    [
        b"not json",
        b'{"b": 1}',
        canonical([]),
        canonical({key: value for key, value in entry_at(10).items() if key != "time"}),
        canonical(entry_at(10) | {"time": "2026-11-23T08:00:00"}),
        canonical(entry_at(10) | {"stream_version": "4"}),
        canonical(entry_at(10) | {"stream_version": True}),
        canonical(entry_at(10) | {"id": 10}),
        canonical(entry_at(10) | {"sealed": [{}]}),
        canonical(entry_at(10) | {"sealed": [1]}),
        canonical(entry_at(10) | {"sealed": None}),
    ],
    ids=repr,
)
def test_an_entry_that_was_signed_but_cannot_be_read_is_unreadable(entry: bytes) -> None:
    entries = [canonical(entry_at(position)) for position in range(14)]
    entries[10] = entry
    report = log_of(entries, (14,)).verify()
    assert (report.exit_code, found(report)) == (2, [("entry_unreadable", 10)])


def change_first_node(log: Log) -> None:
    level, index, _ = log.nodes[0]
    log.nodes[0] = (level, index, bytes(32))


def drop_a_node(log: Log) -> None:
    del log.nodes[3]


def add_a_node(log: Log) -> None:
    log.nodes.append((1, 30, bytes(32)))


def add_an_impossible_node(log: Log) -> None:
    log.nodes.insert(0, (0, 0, bytes(32)))


@pytest.mark.parametrize(
    ("change", "what", "position"),
    [
        (change_first_node, "node_changed", 0),
        (drop_a_node, "node_missing", 4),
        (add_a_node, "node_stray", None),
        (add_an_impossible_node, "node_stray", None),
    ],
)
def test_a_stored_inner_node_that_was_touched_is_found(
    log: Log, change: Callable[[Log], None], what: str, position: int | None
) -> None:
    change(log)
    report = log.verify()
    assert (report.exit_code, found(report)) == (1, [(what, position)])


def test_nodes_that_nobody_stored_are_not_asked_for(log: Log) -> None:
    assert log.verify(nodes=None).exit_code == 0


def test_a_checkpoint_beyond_the_end_is_a_log_rolled_back(log: Log) -> None:
    cut = log_of([row[2] or b"" for row in log.rows[:35]], (7, 16, 33))
    cut.checkpoints.append(log.checkpoints[-1])
    report = cut.verify()
    assert report.exit_code == 4
    assert [(one.what, one.position, one.until) for one in report.findings] == [("rolled_back", 35, 39)]
    assert report.signed_size == 33


def test_rows_cut_off_after_the_last_checkpoint_are_missed_by_the_stored_size(log: Log) -> None:
    log.checkpoints = log.checkpoints[:3]
    log.rows.pop()
    log.nodes = log_of([row[2] or b"" for row in log.rows]).nodes
    assert found(log.verify()) == [("tree_size_changed", 39)]


def test_a_cut_that_left_nodes_and_size_behind_is_still_a_roll_back(log: Log) -> None:
    del log.rows[36:]
    assert log.verify().exit_code == 4


def test_two_roots_for_one_size_are_a_split(log: Log) -> None:
    other = signed([*log.leaves()[:15], bytes(32)])
    log.checkpoints.append(StoredCheckpoint(other.note))
    report = log.verify()
    assert (report.exit_code, found(report)) == (4, [("split", None)])
    assert report.findings[0].expected == root_of(log.leaves()[:16]).hex()
    assert report.findings[0].found == (other.root or b"").hex()
    assert report.signed_size == SIZE


def test_a_checkpoint_kept_twice_is_no_split(log: Log) -> None:
    log.checkpoints += [StoredCheckpoint(one.note) for one in log.checkpoints]
    assert log.verify().exit_code == 0


def test_a_checkpoint_signed_by_a_stranger_is_untrusted(log: Log) -> None:
    log.checkpoints[1] = signed(log.leaves()[:16], STRANGER)
    report = log.verify()
    assert (report.exit_code, [one.what for one in report.findings]) == (3, ["checkpoint_untrusted"])
    assert report.signed_size == SIZE


def test_a_log_rewritten_and_signed_by_a_stranger_is_untrusted(log: Log) -> None:
    rewritten = log_of([canonical(entry_at(at) | {"data": {"number": 0}}) for at in range(SIZE)])
    rewritten.checkpoints = [signed(rewritten.leaves()[:size], STRANGER) for size in SIGNED_AT]
    report = rewritten.verify()
    assert report.exit_code == 3
    assert report.counts == {"checkpoint_untrusted": 4, "log_unsigned": 1}
    assert report.signed_size == 0


def test_a_log_rewritten_by_its_own_keeper_is_found_by_a_checkpoint_kept_elsewhere(log: Log) -> None:
    rewritten = log_of([canonical(entry_at(at) | {"data": {"number": 0}}) for at in range(SIZE)], (7, 40))
    rewritten.checkpoints.append(StoredCheckpoint(log.checkpoints[1].note))
    report = rewritten.verify()
    assert report.exit_code == 1
    assert [(one.what, one.position, one.until) for one in report.findings] == [("root_changed", 7, 15)]


def test_a_log_that_nobody_signed_is_untrusted(log: Log) -> None:
    log.checkpoints = [signed([])]
    report = log.verify()
    assert (report.exit_code, found(report)) == (3, [("log_unsigned", 0)])


def test_a_checkpoint_of_another_log_is_untrusted(log: Log) -> None:
    log.checkpoints.append(signed(log.leaves()[:20], origin="liuyang.example/funding"))
    assert [one.what for one in log.verify().findings] == ["checkpoint_of_another_log"]
    assert log.verify(origin="liuyang.example/funding").counts["checkpoint_of_another_log"] == 4


@pytest.mark.parametrize(
    ("note", "code", "what"),
    [
        ("nonsense", 2, "checkpoint_unreadable"),
        ("", 2, "checkpoint_unreadable"),
        (None, 3, "checkpoint_untrusted"),  # a signature over another size
    ],
)
def test_a_spoilt_checkpoint_is_named(log: Log, note: str | None, code: int, what: str) -> None:
    spoilt = log.checkpoints[1].note.replace("\n16\n", "\n15\n") if note is None else note
    log.checkpoints[1] = replace(log.checkpoints[1], note=spoilt)
    report = log.verify()
    assert (report.exit_code, [one.what for one in report.findings]) == (code, [what])
    assert report.findings[0].facts["size"] == 16


@pytest.mark.parametrize("change", [{"size": 15}, {"root": bytes(32)}])
def test_a_checkpoint_row_that_contradicts_its_note_is_found(log: Log, change: dict[str, Any]) -> None:
    log.checkpoints[1] = replace(log.checkpoints[1], **change)
    report = log.verify()
    assert (report.exit_code, [one.what for one in report.findings]) == (1, ["checkpoint_row_changed"])


def test_a_sealed_part_that_nobody_erased_may_not_be_missing(log: Log) -> None:
    log.missing = {("event-10", "note"), ("event-12", "another part")}
    report = log.verify()
    assert (report.exit_code, found(report)) == (1, [("sealed_part_missing", 10)])
    assert report.findings[0].facts == {"event_id": "event-10", "part": "note"}


def with_time(position: int, moment: datetime) -> Log:
    entries = [entry_at(one) for one in range(SIZE)]
    entries[position]["time"] = stamp(moment)
    return log_of([canonical(one) for one in entries])


def late(report: Report) -> list[tuple[int, str, int | None, Any]]:
    return [(one.outcome, one.what, one.position, one.facts.get("seconds")) for one in report.findings]


def test_a_time_that_stands_back_has_an_exit_code_of_its_own() -> None:
    report = with_time(20, START - timedelta(hours=5)).verify()
    assert (report.exit_code, report.outcome.name) == (5, "LATE")
    ((outcome, what, position, seconds),) = late(report)
    assert (outcome, what, position) == (5, "time_stands_back", 20)
    assert seconds >= 5 * 3600


def test_a_known_backlog_is_accepted_as_far_as_it_is_known() -> None:
    told = with_time(20, START - timedelta(hours=5))
    known = told.verify(accept_late=timedelta(hours=6))
    assert (known.exit_code, [one.what for one in known.warnings]) == (0, ["time_stands_back"])
    assert told.verify(accept_late=timedelta(hours=4)).exit_code == 5


def test_a_time_behind_the_checkpoint_that_covers_it_cannot_be_and_is_tampering() -> None:
    report = with_time(20, START + timedelta(hours=5)).verify()
    assert (report.exit_code, found(report)) == (1, [("time_after_checkpoint", 20)])
    assert with_time(20, START + timedelta(hours=5)).verify(accept_late=timedelta(hours=9)).exit_code == 1


def after_an_outage(signed_at: tuple[int, ...], **moved: timedelta) -> Log:
    """The sequencer was away for a day from entry 16 on: what was recorded meanwhile got its place all at once."""
    entries = [entry_at(one) for one in range(SIZE)]
    for at in range(16, SIZE):
        entries[at]["time"] = stamp(START + moved.get(f"e{at}", timedelta(minutes=30 * (at - 15))))
    told = log_of([canonical(one) for one in entries], signed_at)
    late = {one.size: replace(one, time=START + timedelta(days=1)) for one in told.checkpoints if (one.size or 0) > 16}
    told.checkpoints = [late.get(one.size, one) for one in told.checkpoints]
    return told


def test_what_waited_through_an_outage_comes_in_order_and_is_only_said() -> None:
    report = after_an_outage((7, 16, 40)).verify()
    assert (report.exit_code, report.findings) == (0, [])
    assert [(one.what, one.position, one.until) for one in report.warnings] == [("signed_late", 16, 39)]


def test_of_a_long_backlog_what_further_checkpoints_cover_is_late_until_somebody_accepts_it() -> None:
    told = after_an_outage((7, 16, 33, 40))
    report = told.verify()
    assert (report.exit_code, found(report)) == (5, [("time_stands_back", at) for at in range(33, 40)])
    assert told.verify(accept_late=timedelta(days=1)).exit_code == 0


def test_an_entry_of_a_backlog_that_stands_back_against_its_neighbours_is_found() -> None:
    report = after_an_outage((7, 16, 40), e25=timedelta(hours=2)).verify()
    assert late(report) == [(5, "time_stands_back", 25, 150 * 60)]


def test_a_time_that_contradicts_the_moment_in_which_its_id_was_made_is_tampering() -> None:
    entries = [entry_at(one) for one in range(SIZE)]
    entries[20]["id"] = new_id(START + timedelta(hours=5))
    entries[20]["time"] = stamp(START)
    told = log_of([canonical(one) for one in entries])
    assert ("time_contradicts_id", 20) in found(told.verify())


def test_a_checkpoint_whose_time_stands_back_is_found() -> None:
    told = log_of([canonical(entry_at(one)) for one in range(SIZE)])
    last = told.checkpoints[-1]
    told.checkpoints[-1] = replace(last, time=START + timedelta(hours=1))
    told.checkpoints[-2] = replace(told.checkpoints[-2], time=START + timedelta(hours=3))
    report = told.verify()
    assert report.exit_code == 5
    assert ("checkpoint_time_stands_back", SIZE - 1) in found(report)


def test_a_time_a_little_out_of_order_is_nothing() -> None:
    report = with_time(20, START - timedelta(minutes=9)).verify()
    assert (report.exit_code, report.warnings) == (0, [])


def test_what_is_not_signed_yet_is_a_warning(log: Log) -> None:
    log.checkpoints.pop()
    report = log.verify()
    assert report.exit_code == 0
    assert [(one.what, one.position, one.until) for one in report.warnings] == [("not_yet_signed", 33, 39)]


def test_the_gravest_outcome_gives_the_exit_code(log: Log) -> None:
    log.checkpoints += [signed([*log.leaves(), bytes(32)]), signed(log.leaves(), STRANGER), StoredCheckpoint("?")]
    assert log.verify().exit_code == 4
    log.alter(10, data={})
    assert log.verify().exit_code == 1


def test_a_report_stays_small_whatever_was_done_to_the_log() -> None:
    log = log_of([canonical(entry_at(position)) for position in range(3 * MOST_KEPT)], (3 * MOST_KEPT,))
    for position in range(3 * MOST_KEPT):
        log.put(position, b"{}", log.rows[position][3])
    report = log.verify()
    assert len(report.findings) == MOST_KEPT
    assert report.counts["entry_changed"] == 3 * MOST_KEPT


def test_a_log_is_read_as_a_stream_and_once() -> None:
    seen: list[int] = []

    def rows() -> Iterator[tuple[int, str, bytes, bytes]]:
        for position in range(SIZE):
            seen.append(position)
            entry = canonical(entry_at(position))
            yield position, f"event-{position}", entry, leaf_hash(entry)

    leaves = [leaf_hash(canonical(entry_at(position))) for position in range(SIZE)]
    assert verify_log(rows(), [signed(leaves)], [KEY.verifier]).exit_code == 0
    assert seen == list(range(SIZE))
