"""Alembic's environment for alerts: the connection comes from who migrates."""

from shared.hosting.migrating import run_environment

run_environment()
