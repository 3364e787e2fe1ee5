"""The keys of a deployment, made once and handed out: `python deploy/make_keys.py DIRECTORY`.

`DIRECTORY/all` holds the keys that several share. Each service gets a folder of its own beside it with no more than it
needs: the keys of the purposes that it is entitled to, its own signing keys, and the public halves of the others'. The
whole directory is backed up, apart from the databases. A second run adds what is missing and replaces nothing.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from shared.hosting.key_folders import entitled
from shared.kernel.messages import PURPOSES
from shared.vault.keyfiles import PUBLIC_SUFFIX, load_or_create_ed25519
from shared.vault.keyring import Keyring

SERVICES = ("registry", "casework", "alerts", "funding", "console")
TERMINAL = ("bootstrap", "operator")
"""Whom the commands of the terminal sign for; their private halves go to the folder `terminal` and nowhere else."""


def main(words: list[str]) -> int:
    """Make and hand out; gives the exit code."""
    if len(words) != 1:
        sys.stderr.write("usage: python deploy/make_keys.py DIRECTORY\n")
        return 2
    place = Path(words[0])
    everything = place / "all"
    Keyring.create(everything, PURPOSES)
    for issuer in (*SERVICES, *TERMINAL):
        load_or_create_ed25519(everything, f"token-{issuer}")
    for service in SERVICES:
        if service != "console":
            load_or_create_ed25519(everything, f"log-{service}")
            load_or_create_ed25519(everything, f"witness-{service}")
    handed = sum(_hand_out(everything, place / service, service) for service in (*SERVICES, "terminal"))
    sys.stdout.write(f"keys: {handed} files handed out\n")
    return 0


def _hand_out(everything: Path, folder: Path, service: str) -> int:
    folder.mkdir(mode=0o700, exist_ok=True)
    if service not in ("console", "terminal"):
        Keyring.create(folder, ())  # the secret of its own commands
    copied = 0
    for file in sorted(everything.iterdir()):
        target = folder / file.name
        if not target.exists() and _concerns(file.name, service):
            draft = folder / f".{file.name}.new"
            draft.touch(mode=0o600)
            shutil.copyfile(file, draft)
            draft.chmod(file.stat().st_mode & 0o777)
            draft.rename(target)
            copied += 1
    return copied


def _concerns(name: str, service: str) -> bool:
    if name.startswith("kek-"):
        return name.split("-")[1] in entitled(service)
    if name.endswith(PUBLIC_SUFFIX):
        return True
    signers = TERMINAL if service == "terminal" else (service,)
    return name in {f"{kind}-{one}.ed25519" for kind in ("token", "log", "witness") for one in signers}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
