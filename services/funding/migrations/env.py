"""Alembic's environment for funding: the connection comes from who migrates."""

from shared.hosting.migrating import run_environment

run_environment()
