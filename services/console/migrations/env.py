"""Alembic's environment for the console's database."""

from shared.hosting.migrating import run_environment

run_environment()
