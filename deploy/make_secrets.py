"""The passwords of a deployment, made once: `python3 deploy/make_secrets.py`, before the first `docker compose up`.

They go to `var/secrets`, which is not in version control, one file each, and are never replaced: a second run adds
what is missing. The directory is closed to others. The files in it are not, because a container reads them under an
account of its own. The standard library is enough to run it.
"""

from __future__ import annotations

import secrets
import sys
from pathlib import Path

SERVICES = ("registry", "casework", "alerts", "funding", "console")
DATABASE_HOST, BROKER_HOST, BROKER_USER = "postgres:5432", "rabbitmq:5672", "shouwang"
DRIVER = "postgresql+psycopg"


def main(words: list[str]) -> int:
    """Make what is missing; gives the exit code."""
    place = Path(words[0]) if words else Path(__file__).resolve().parents[1] / "var" / "secrets"
    place.mkdir(parents=True, exist_ok=True)
    place.chmod(0o700)
    made = sum(_write(place / name, text) for name, text in _contents(place).items())
    sys.stdout.write(f"{made} secrets made in {place}\n")
    return 0


def _contents(place: Path) -> dict[str, str]:
    """Every file with its text; a password that stands already is taken over into the addresses made from it."""
    files = {
        "postgres_password": _password(place, "postgres_password"),
        "console_secret_key": secrets.token_urlsafe(48),
    }
    broker = _password(place, "rabbitmq_password")
    files |= {
        "rabbitmq_password": broker,
        "rabbitmq_user.conf": f"default_user = {BROKER_USER}\ndefault_pass = {broker}\n",
        "amqp_url": f"amqp://{BROKER_USER}:{broker}@{BROKER_HOST}//",
    }
    for service in SERVICES:
        for role, url in (("owner", "owner_database_url"), ("app", "database_url")):
            name = f"{service}_{role}_password"
            files[name] = _password(place, name)
            files[f"{service}_{url}"] = f"{DRIVER}://{service}_{role}:{files[name]}@{DATABASE_HOST}/{service}"
    return files


def _password(place: Path, name: str) -> str:
    file = place / name
    return file.read_text().strip() if file.exists() else secrets.token_urlsafe(24)


def _write(file: Path, text: str) -> bool:
    if file.exists():
        return False
    file.touch(mode=0o600)
    file.write_text(text)
    file.chmod(0o644)
    return True


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
