"""One process owns a data directory."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from shared.hosting.data_lock import DataInUse, DataLock


def test_a_directory_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    with DataLock(tmp_path / "data"):
        assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o700


def test_a_second_owner_is_refused_with_the_first_ones_number(tmp_path: Path) -> None:
    with DataLock(tmp_path):
        with pytest.raises(DataInUse) as busy:
            DataLock(tmp_path).acquire()

    assert busy.value.pid == os.getpid()


def test_a_released_directory_can_be_taken_again(tmp_path: Path) -> None:
    with DataLock(tmp_path):
        pass

    with DataLock(tmp_path):
        pass


def test_the_lock_goes_with_a_process_that_is_killed(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from shared.hosting.data_lock import DataLock;"
        "DataLock(Path(sys.argv[1])).acquire(); print('held', flush=True); time.sleep(60)"
    )
    process = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    with pytest.raises(DataInUse):
        DataLock(tmp_path).acquire()

    process.kill()
    process.wait()
    process.stdout.close()

    DataLock(tmp_path).acquire().release()
