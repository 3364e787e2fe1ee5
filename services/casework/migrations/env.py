"""Alembic's environment for casework: the connection comes from who migrates."""

from shared.hosting.migrating import run_environment

run_environment()
