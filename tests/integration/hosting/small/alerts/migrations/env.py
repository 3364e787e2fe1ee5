from shared.hosting.migrating import run_environment

run_environment()
