"""An export is whole or its first bad place is named: whoever touched it, however carefully."""

from __future__ import annotations

import base64
import json
import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.kernel.ids import new_id
from shared.ledger.canonical import canonical
from shared.ledger.cosignatures import Cosigner
from shared.ledger.export import ExportExists, Report, verify_receipt
from shared.ledger.export import verify as v
from shared.ledger.merkle import inclusion_proof, leaf_hash
from shared.ledger.notes import SigningKey, sign_checkpoint
from shared.ledger.receipts import Receipt
from tests.unit.ledger.exports import KEY, ORIGIN, START, Export, MemoryLog, entry_at, exported, log_of, stamp

SIZE = 600
SIGNED = (0, 100, 256, 300, 512)
WHOLE = log_of(SIZE, SIGNED)


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Export:
    return exported(WHOLE, tmp_path_factory.mktemp("export") / "whole")


@pytest.fixture
def export(untouched: Export, tmp_path: Path) -> Export:
    return Export(Path(shutil.copytree(untouched.folder, tmp_path / "export")))


def bad(report: Report) -> list[tuple[str, int | None]]:
    return [(one.what, one.position) for one in report.findings if one.outcome]


def test_an_untouched_export_is_whole(untouched: Export) -> None:
    report = untouched.verify()
    assert (report.exit_code, report.findings) == (0, [])
    root = WHOLE.note(SIZE).splitlines()[2]
    assert report.logs == [f"{ORIGIN}: {SIZE} entries, signed to {SIZE}, root {root}"]


@pytest.mark.parametrize("position", [0, 99, 100, 255, 256, 511, 512, 599])
def test_a_changed_entry_is_named_with_both_hashes(export: Export, position: int) -> None:
    forged = entry_at(position, data={"number": -1})
    export.change_entries(SIZE, lambda some: some.__setitem__(position % 256, forged), position // 256)
    report = export.verify()
    assert (report.exit_code, bad(report)) == (1, [("entry_changed", position)])
    assert report.first_bad is not None
    assert report.first_bad.expected == leaf_hash(entry_at(position)).hex()
    assert report.first_bad.found == leaf_hash(forged).hex()


def test_a_changed_entry_is_found_by_hashes_alone(export: Export) -> None:
    export.change_entries(SIZE, lambda some: some.__setitem__(7, entry_at(7, data={})))
    assert bad(export.verify(parsed=False)) == [("entry_changed", 7)]


@pytest.mark.parametrize(("number", "position"), [(0, 5), (1, 261), (2, 517), (3, 0)])
def test_a_changed_tile_is_named_with_both_hashes(export: Export, number: int, position: int) -> None:
    path = export.tiles(SIZE)[number]
    content = bytearray(path.read_bytes())
    content[(5 * 32 if number < 3 else 0)] ^= 1
    path.write_bytes(content)
    export.list_anew()
    report = export.verify()
    assert (report.exit_code, bad(report)) == (1, [("tile_changed" if number < 3 else "node_changed", position)])
    assert report.first_bad is not None
    assert bytes.fromhex(report.first_bad.found or "")[0] == bytes.fromhex(report.first_bad.expected or "")[0] ^ 1


def drop(some: list[bytes]) -> None:
    del some[140]


def double(some: list[bytes]) -> None:
    some.insert(140, some[139])


def swap(some: list[bytes]) -> None:
    some[140], some[141] = some[141], some[140]


def end(some: list[bytes]) -> None:
    del some[140:]


@pytest.mark.parametrize(
    ("change", "what"),
    [(drop, "entry_changed"), (double, "entry_changed"), (swap, "entry_changed"), (end, "entries_missing")],
)
def test_entries_that_were_dropped_doubled_swapped_or_cut_off_are_found(
    export: Export, change: Callable[[list[bytes]], None], what: str
) -> None:
    export.change_entries(SIZE, change)
    report = export.verify()
    assert report.exit_code == 1
    assert report.first_bad is not None
    assert (report.first_bad.what, report.first_bad.position) == (what, 140)
    assert report.first_bad.expected == leaf_hash(entry_at(140)).hex()


def test_a_bundle_that_ends_within_an_entry_is_found(export: Export) -> None:
    path = export.bundle(SIZE, 1)
    path.write_bytes(path.read_bytes()[:-9])
    export.list_anew()
    report = export.verify()
    assert report.exit_code == 1
    assert ("bundle_cut", 511) in bad(report)


@pytest.mark.parametrize("number", range(4))
def test_a_file_that_is_not_there_is_found(export: Export, number: int) -> None:
    export.tiles(SIZE)[number].unlink()
    export.list_anew()
    report = export.verify()
    assert (report.exit_code, {what for what, _ in bad(report)}) == (1, {"file_missing"})


def test_a_history_told_anew_throughout_contradicts_what_was_signed(tmp_path: Path) -> None:
    told = log_of(SIZE, SIGNED, e140={"data": {"number": -1}})
    genuine = {row["size"]: row["note"] for row in WHOLE.checkpoints()}
    export = exported(told, tmp_path / "told")
    export.change_checkpoints(lambda rows: [row.update(note=genuine[row["size"]]) for row in rows])
    report = export.verify()
    assert (report.exit_code, bad(report)) == (1, [("root_changed", 100)])
    assert report.first_bad is not None
    assert report.first_bad.until == 255
    assert report.first_bad.expected != report.first_bad.found


def test_a_changed_checkpoint_is_not_signed_any_more(export: Export) -> None:
    root = WHOLE.note(300).splitlines()[2]
    export.change_checkpoints(
        lambda rows: rows[3].update(note=rows[3]["note"].replace(root, WHOLE.note(256).splitlines()[2]))
    )
    report = export.verify()
    assert (report.exit_code, bad(report)) == (3, [("checkpoint_untrusted", None)])


def test_a_checkpoint_that_is_none_is_unreadable(export: Export) -> None:
    export.change_checkpoints(lambda rows: rows[3].update(note="no note"))
    report = export.verify()
    assert (report.exit_code, bad(report)) == (2, [("checkpoint_unreadable", None)])


def test_an_export_that_a_stranger_signed_is_not_trusted(tmp_path: Path, untouched: Export) -> None:
    forged = exported(MemoryLog(WHOLE.entries, (SIZE,), SigningKey.generate(ORIGIN)), tmp_path / "forged")
    assert forged.verify().exit_code == 0  # by its own word
    report = forged.verify(policy=untouched.folder / "trust-policy.txt")
    assert report.exit_code == 3
    assert bad(report)[0][0] == "checkpoint_untrusted"


def saved(tmp_path: Path, log: MemoryLog, size: int) -> Path:
    path = tmp_path / "kept" / f"{size}.checkpoint"
    path.parent.mkdir(exist_ok=True)
    path.write_text(log.note(size), encoding="utf-8")
    return path


def test_a_tail_that_was_cut_off_and_signed_again_is_contradicted_by_a_kept_checkpoint(tmp_path: Path) -> None:
    kept = saved(tmp_path, WHOLE, 512)
    cut = exported(log_of(450, (100, 256, 300)), tmp_path / "cut")
    assert cut.verify().exit_code == 0  # nobody can tell without
    report = cut.verify(kept)
    assert (report.exit_code, bad(report)) == (4, [("rolled_back", 450)])
    assert report.findings[0].until == 511


def test_a_history_told_in_two_ways_is_contradicted_by_a_kept_checkpoint(tmp_path: Path) -> None:
    saved(tmp_path, WHOLE, 100)
    saved(tmp_path, WHOLE, 500)
    told = exported(log_of(SIZE, SIGNED, e140={"data": {}}), tmp_path / "told")
    report = told.verify(tmp_path / "kept")
    assert (report.exit_code, bad(report)) == (4, [("split", 499)])
    assert report.findings[0].expected is not None


def test_checkpoints_that_were_kept_and_agree_change_nothing(tmp_path: Path, untouched: Export) -> None:
    for size in (0, 1, 100, 256, 257, 599, 600):
        saved(tmp_path, WHOLE, size)
    assert untouched.verify(tmp_path / "kept").findings == []


def test_two_checkpoints_of_one_size_are_a_fork(export: Export) -> None:
    other = log_of(300, e140={"data": {}}).note(300)
    export.change_checkpoints(lambda rows: rows.insert(4, rows[3] | {"note": other}))
    report = export.verify()
    assert report.exit_code == 1 or report.exit_code == 4
    assert ("split", 299) in bad(report)


def test_a_kept_checkpoint_by_a_stranger_says_nothing(tmp_path: Path, untouched: Export) -> None:
    forged = tmp_path / "forged.checkpoint"
    forged.write_text(sign_checkpoint(ORIGIN, 5, bytes(32), SigningKey.generate(ORIGIN)), encoding="utf-8")
    assert untouched.verify(forged).exit_code == 3


@pytest.mark.parametrize(
    ("hours", "code", "what"), [(-9, 5, "time_stands_back"), (9, 1, "time_after_checkpoint")], ids=["back", "ahead"]
)
def test_a_time_that_stands_back_is_late_and_one_behind_its_checkpoint_is_tampering(
    tmp_path: Path, hours: int, code: int, what: str
) -> None:
    time = stamp(START + timedelta(seconds=400, hours=hours))
    export = exported(log_of(SIZE, SIGNED, e400={"time": time}), tmp_path / "dated")
    report = export.verify()
    assert (report.exit_code, bad(report)) == (code, [(what, 400)])
    assert export.verify(accept_late=timedelta(hours=10)).exit_code == (0 if code == 5 else 1)


def test_a_witness_that_cosigned_before_the_time_of_an_entry_gives_it_away(tmp_path: Path) -> None:
    """Who moves the times of entries and checkpoints alike cannot move what a witness has signed."""
    witness = Cosigner("county.example/alerts/witness", Ed25519PrivateKey.generate())
    told = log_of(8, e7={"time": stamp(START + timedelta(hours=3))})
    told.cosigners, told.moved = (witness,), timedelta(hours=4)
    report = exported(told, tmp_path / "moved", witnesses={"alerts": str(witness.key)}).verify()
    assert (report.exit_code, bad(report)) == (1, [("time_after_checkpoint", 7)])


def test_an_id_that_was_made_at_another_time_than_its_entry_says_is_tampering(tmp_path: Path) -> None:
    made = new_id(START + timedelta(hours=9))
    report = exported(log_of(SIZE, SIGNED, e400={"id": made}), tmp_path / "dated").verify()
    assert (report.exit_code, bad(report)) == (1, [("time_contradicts_id", 400)])


def test_what_waited_long_for_its_signature_is_said_and_is_no_verdict(tmp_path: Path) -> None:
    told = log_of(8)
    told.moved = timedelta(hours=4)
    report = exported(told, tmp_path / "waited").verify()
    assert (report.exit_code, bad(report)) == (0, [])
    assert [(one.what, one.position, one.until) for one in report.findings] == [("signed_late", 0, 7)]


def test_the_exit_code_of_verify_py_says_late_and_takes_a_known_backlog(tmp_path: Path) -> None:
    time = stamp(START - timedelta(hours=9))
    export = exported(log_of(SIZE, SIGNED, e400={"time": time}), tmp_path / "dated")
    command = [sys.executable, "-I", str(export.folder / "verify.py")]
    late = subprocess.run(command, capture_output=True, text=True, check=False, cwd=export.folder, timeout=60)
    assert late.returncode == 5
    assert "whole, but some times stand back: time_stands_back, county.example/casework, position 400" in late.stdout
    known = [*command, "--accept-late", "36000"]
    done = subprocess.run(known, capture_output=True, text=True, check=False, cwd=export.folder, timeout=60)
    assert (done.returncode, "look at: time_stands_back" in done.stdout) == (0, True)


@pytest.mark.parametrize(
    ("changed", "code", "what"),
    [
        ({"stream_version": 30}, 1, "stream_version_broken"),
        ({"id": json.loads(entry_at(3))["id"]}, 1, "id_repeated"),
        ({"source": "elsewhere/casework"}, 1, "entry_of_another_log"),
        ({"time": "yesterday"}, 2, "entry_unreadable"),
    ],
)
def test_what_entries_say_must_fit_together(tmp_path: Path, changed: dict[str, Any], code: int, what: str) -> None:
    report = exported(log_of(SIZE, SIGNED, e140=changed), tmp_path / "odd").verify()
    assert report.exit_code == code
    assert (what, 140) in bad(report)


NORMAL = entry_at(140)
ODD = [
    b"{}",
    b"no",
    b'{"a":1.5}',
    b"\xff",
    b"[" * 5000,
    NORMAL + b" ",
    NORMAL.replace(b'":', b'": ', 1),
    NORMAL.replace(b'"command_id"', b'"zommand_id"'),
    NORMAL[:-1] + b',"id":"x"}',
    NORMAL.replace(b'"number":140', b'"number":99999999999999999'),
    entry_at(140, data={"n": "é"}).replace("é".encode(), "e\u0301".encode()),
]


@pytest.mark.parametrize("entry", ODD)
def test_an_entry_in_another_form_is_unreadable(tmp_path: Path, entry: bytes) -> None:
    log = MemoryLog([*WHOLE.entries[:140], entry, *WHOLE.entries[141:]], (SIZE,))
    report = exported(log, tmp_path / "odd").verify()
    assert ("entry_unreadable", 140) in bad(report)


@given(st.recursive(st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
                    lambda one: st.lists(one) | st.dictionaries(st.text(), one)))  # fmt: skip
def test_the_verifier_reads_what_the_house_writes(value: Any) -> None:
    try:
        written = canonical(value)
    except ValueError:
        return  # lone surrogates, names that become one
    assert v.parse(written) == json.loads(written)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(size=st.integers(0, 1100), marks=st.lists(st.integers(0, 1100), max_size=5), seed=st.integers())
def test_any_log_is_whole_and_any_changed_byte_is_found(
    tmp_path_factory: pytest.TempPathFactory, size: int, marks: list[int], seed: int
) -> None:
    folder = tmp_path_factory.mktemp("any") / "export"
    export = exported(log_of(size, tuple(one for one in marks if one <= size)), folder)
    assert export.verify().findings == []
    chance = random.Random(seed)
    files = [one for one in folder.rglob("*") if one.is_file() and one.stat().st_size]
    for path in [folder / "MANIFEST.sha256", *chance.sample(files, min(3, len(files)))]:
        before = path.read_bytes()
        at = chance.randrange(len(before))
        path.write_bytes(before[:at] + bytes([before[at] ^ chance.randrange(1, 256)]) + before[at + 1 :])
        assert export.verify().exit_code != 0, (path, at)
        path.write_bytes(before)
    shutil.rmtree(folder.parent)


def test_a_line_of_the_manifest_ends_in_nothing_else(tmp_path: Path) -> None:
    export = exported(log_of(3, ()), tmp_path / "export")
    manifest = tmp_path / "export" / "MANIFEST.sha256"
    before = manifest.read_bytes()
    for at in (one for one, byte in enumerate(before) if byte == ord("\n")):
        manifest.write_bytes(before[:at] + b"\r" + before[at + 1 :])
        assert export.verify().exit_code != 0, at


def test_the_tree_over_many_tiles_is_the_same_tree(tmp_path: Path) -> None:
    size = 256 * 256 + 300
    entries = [b"%d" % at for at in range(size)]
    export = exported(MemoryLog(entries, (256, 65_536, size)), tmp_path / "large")
    report = export.verify(parsed=False)
    assert report.findings == []
    (export.log / "tile/2/000.p/1").write_bytes(bytes(32))
    assert bad(export.verify(parsed=False)) == [("node_changed", 0)]


def test_memory_is_relieved_to_disk_and_nothing_is_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(v.Contents, "IN_MEMORY", 100)
    log = log_of(SIZE, SIGNED, e590={"id": json.loads(entry_at(3))["id"]})
    assert bad(exported(log, tmp_path / "odd").verify()) == [("id_repeated", 590)]


def receipt(position: int) -> str:
    proof = inclusion_proof(position, SIZE, lambda level, index: WHOLE.nodes[level, index])
    return Receipt(WHOLE.entries[position], position, tuple(proof), WHOLE.note(SIZE)).text()


@pytest.mark.parametrize("position", [0, 1, 255, 256, 598, 599])
def test_a_receipt_is_verified_and_counts_as_a_kept_checkpoint(
    tmp_path: Path, untouched: Export, position: int
) -> None:
    path = tmp_path / "one.tlog-proof"
    path.write_text(receipt(position), encoding="utf-8")
    report = verify_receipt(path, untouched.folder / "trust-policy.txt")
    assert report.exit_code == 0
    assert untouched.verify(path).findings == []
    assert exported(log_of(512), tmp_path / "cut").verify(path).exit_code == 4


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [("index 140", "index 141", 1), ("@v1", "@v2", 2), ("extra ey", "extra ez", 1), (f"\n{SIZE}\n", "\n599\n", 3)],
)
def test_a_changed_receipt_proves_nothing(tmp_path: Path, untouched: Export, old: str, new: str, code: int) -> None:
    path = tmp_path / "one.tlog-proof"
    path.write_text(receipt(140).replace(old, new), encoding="utf-8")
    assert verify_receipt(path, untouched.folder / "trust-policy.txt").exit_code == code


WITNESSES = [Cosigner(f"county.example/{one}/witness", Ed25519PrivateKey.generate()) for one in ("alerts", "funding")]


@pytest.mark.parametrize(
    ("cosigned", "quorum", "code"),
    [
        ((), "none", 0),
        ((), "witnesses", 3),
        ((0,), "witnesses", 0),
        ((0,), "w1", 3),
        ((0,), "both", 3),
        ((0, 1), "both", 0),
    ],
)
def test_as_many_witnesses_must_have_cosigned_as_the_auditor_asks_for(
    tmp_path: Path, cosigned: tuple[int, ...], quorum: str, code: int
) -> None:
    log = MemoryLog(WHOLE.entries, (300, SIZE), cosigners=tuple(WITNESSES[one] for one in cosigned))
    keys = {f"w{number}": str(one.key) for number, one in enumerate(WITNESSES)}
    export = exported(log, tmp_path / "export", witnesses=keys)
    policy = tmp_path / "mine.txt"
    written = (export.folder / "trust-policy.txt").read_text(encoding="utf-8")
    if quorum == "both":  # a witness counts in one group only
        written = written.replace("group witnesses any w0 w1\n", "group both 2 w0 w1\n")
    policy.write_text(written.replace("quorum none", f"quorum {quorum}"), encoding="utf-8")
    report = export.verify(policy=policy)
    assert report.exit_code == code
    names = ", ".join(f"w{one}" for one in cosigned)
    assert (f", cosigned to {SIZE} by {names}," in report.logs[0]) is bool(cosigned)


LOG, ONE, TWO = (f"log {KEY.verifier}", *(f"witness w{at} {one.key}" for at, one in enumerate(WITNESSES)))


@pytest.mark.parametrize(
    ("lines", "quorum"),
    [
        ((LOG, "quorum none"), "none"),
        (("quorum none",), "none"),
        ((f"  {LOG}\thttps://county.example/log ", "", "\t# a comment", "quorum\tnone"), "none"),
        ((LOG, ONE, "quorum w0"), "w0"),
        ((LOG, ONE, TWO, "group some 1 w0 w1", "group all_of_them all some", "quorum all_of_them"), "all_of_them"),
        ((LOG, "# 县的公钥", ONE, "quorum none"), "none"),
    ],
)
def test_a_policy_is_read_as_its_format_says(lines: tuple[str, ...], quorum: str) -> None:
    assert v.Policy("\n".join(lines) + "\n").quorum == quorum


@pytest.mark.parametrize(
    "lines",
    [
        (LOG,),
        (LOG, "quorum none", "quorum none"),
        (LOG, "quorum w0", ONE),
        (LOG, LOG, "quorum none"),
        (LOG, ONE, ONE.replace(" w0 ", " w1 "), "quorum none"),
        (LOG, ONE, "group none any w0", "quorum none"),
        (LOG, ONE.replace(" w0 ", " none "), "quorum none"),
        (LOG, ONE, "group some any w0 none", "quorum none"),
        (LOG, ONE, "group some any w0 w0", "quorum some"),
        (LOG, ONE, TWO, "group some any w0", "group more any w0 w1", "quorum more"),
        (LOG, ONE, "group some 0 w0", "quorum some"),
        (LOG, ONE, "group some 2 w0", "quorum some"),
        (LOG, ONE, "group some \u0661 w0", "quorum some"),
        (LOG, ONE, "group some any", "quorum none"),
        (LOG + "\r", "quorum none"),
        (LOG.replace(" ", "\u00a0"), "quorum none"),
    ],
)
def test_a_policy_in_any_other_form_is_unreadable(lines: tuple[str, ...]) -> None:
    with pytest.raises(v.Wrong) as wrong:
        v.Policy("\n".join(lines) + "\n")
    assert wrong.value.outcome == 2


def test_a_policy_that_trusts_no_log_trusts_no_export(tmp_path: Path, untouched: Export) -> None:
    policy = tmp_path / "nobody.txt"
    policy.write_text("quorum none\n", encoding="utf-8")
    assert untouched.verify(policy=policy).exit_code == 3


def test_that_no_witness_was_asked_for_is_said(export: Export, capsys: pytest.CaptureFixture[str]) -> None:
    assert v.main([str(export.folder)]) == 0
    assert "No witness was asked for (quorum none)" in capsys.readouterr().out


def test_a_cosignature_that_was_touched_condemns_its_checkpoint(tmp_path: Path) -> None:
    log = MemoryLog(WHOLE.entries, (300, SIZE), cosigners=(WITNESSES[0],))
    export = exported(log, tmp_path / "export", witnesses={"w0": str(WITNESSES[0].key)})

    def older(rows: list[dict[str, Any]]) -> None:
        body, _, signatures = rows[0]["note"].rpartition("\n\n")
        log_line, word = signatures.splitlines(keepends=True)
        lead, _, given = word.rstrip("\n").rpartition(" ")
        raw = bytearray(base64.b64decode(given))
        raw[11] ^= 1  # the last byte of its time
        rows[0]["note"] = f"{body}\n\n{log_line}{lead} {base64.b64encode(raw).decode()}\n"

    export.change_checkpoints(older)
    assert bad(export.verify()) == [("checkpoint_untrusted", None)]


def test_nothing_is_written_over(untouched: Export) -> None:
    with pytest.raises(ExportExists):
        exported(WHOLE, untouched.folder)


def test_the_verifier_in_the_export_needs_nothing_of_the_house(export: Export) -> None:
    command = [sys.executable, "-I", str(export.folder / "verify.py")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=export.folder, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("whole\n")
    export.change_entries(SIZE, swap)
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=export.folder, timeout=60)
    assert done.returncode == 1
    assert f"tampered: entry_changed, {ORIGIN}, position 140, expected" in done.stdout
    imported = [
        line.split()[1] for line in Path(v.__file__).read_text().splitlines() if line.startswith(("import ", "from "))
    ]
    assert {one.partition(".")[0] for one in imported} <= {*sys.stdlib_module_names, "cryptography"}


def restored(tmp_path: Path, *, source: str = "casework", lost_size: int = 9) -> Export:
    """A log of 8 entries that a witness had cosigned to 9 once; entry 7 says where the witness goes on."""
    decided = {"source": source, "size": 5, "lost_size": lost_size, "lost_root": "00" * 32}
    told = log_of(8, e7={"type": "log.witnessing_begun", "data": decided})
    notes = [{"witness": "casework", "note": log_of(9).note(9)}]
    return exported(told, tmp_path / "restored", lost={"casework": notes})


def test_what_was_lost_with_a_restore_that_somebody_accepted_is_named_with_who_did(tmp_path: Path) -> None:
    report = restored(tmp_path).verify()
    assert (report.exit_code, bad(report)) == (0, [])
    said = {one.what: one for one in report.findings}
    assert set(said) == {"restored_log_witnessing_begun", "checkpoint_lost"}
    assert said["restored_log_witnessing_begun"].position == 7
    assert said["restored_log_witnessing_begun"].facts["by"] == json.loads(entry_at(7))["actor"]["id"]
    assert said["checkpoint_lost"].facts["accepted"] == f"{ORIGIN} 7"


@pytest.mark.parametrize("decided", [{"source": "funding"}, {"lost_size": 8}], ids=["another-log", "less-was-lost"])
def test_what_was_lost_and_nobody_has_accepted_is_rolled_back(tmp_path: Path, decided: dict[str, Any]) -> None:
    report = restored(tmp_path, **decided).verify()
    assert (report.exit_code, bad(report)) == (4, [("checkpoint_lost_and_not_accepted", 8)])


def test_a_lost_checkpoint_that_the_log_has_not_signed_is_no_evidence(tmp_path: Path) -> None:
    export = restored(tmp_path)
    file = export.log / "lost.jsonl"
    stranger = log_of(9)
    stranger.key = SigningKey.generate(ORIGIN)
    file.write_bytes(canonical({"witness": "casework", "note": stranger.note(9)}) + b"\n")
    export.list_anew()
    report = export.verify()
    assert (report.exit_code, bad(report)) == (3, [("lost_checkpoint", None)])
