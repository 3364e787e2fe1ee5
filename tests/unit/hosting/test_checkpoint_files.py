"""Checkpoints in a directory outside the house."""

from __future__ import annotations

from pathlib import Path

from structlog.testing import capture_logs

from shared.hosting.checkpoint_files import kept_checkpoints, write_checkpoint


def test_each_size_has_a_file_and_the_newest_is_latest(tmp_path: Path) -> None:
    write_checkpoint(tmp_path / "registry", 0, "zero\n")
    write_checkpoint(tmp_path / "registry", 1000, "thousand\n")

    found = {one.name: one.read_text() for one in (tmp_path / "registry").iterdir()}
    assert found == {
        "0000000000000000.checkpoint": "zero\n",
        "0000000000001000.checkpoint": "thousand\n",
        "latest": "thousand\n",
    }


def test_a_file_gains_signatures_and_never_another_text(tmp_path: Path) -> None:
    write_checkpoint(tmp_path, 7, "log\n7\nroot\n\n\u2014 log AA==\n")
    write_checkpoint(tmp_path, 7, "log\n7\nroot\n\n\u2014 log AA==\n\u2014 witness AA==\n")
    assert len(list(kept_checkpoints(tmp_path))) == 1

    with capture_logs() as lines:
        write_checkpoint(tmp_path, 7, "log\n7\nother\n\n\u2014 log AA==\n")

    assert [one["event"] for one in lines] == ["checkpoint_contradicts_its_file"]
    first, second = sorted(kept_checkpoints(tmp_path))
    assert ("other" in first, "witness" in second) == (True, True)


def test_a_directory_that_cannot_be_written_is_logged_and_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "registry").write_text("in the way")

    with capture_logs() as lines:
        write_checkpoint(tmp_path / "registry", 1, "one\n")

    assert [(one["event"], one["size"]) for one in lines] == [("checkpoint_not_written", 1)]
