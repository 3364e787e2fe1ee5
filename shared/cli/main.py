"""The entry of the `shouwang` command. Each command's module is imported only when it is called for.

The order matters: a service over RabbitMQ runs under eventlet, which must patch the process before anything else is
imported; every other command must stay unpatched.
"""

from __future__ import annotations

import importlib
import sys
import warnings

SERVED_GREEN = frozenset({"registry", "casework", "alerts", "funding"})
"""The services that `shouwang serve` runs under eventlet."""


def is_green(arguments: list[str]) -> bool:
    """Whether these arguments of the command line ask for a service under eventlet."""
    words = [one for one in arguments if not one.startswith("-")]
    return words[:1] == ["serve"] and bool(SERVED_GREEN.intersection(words[1:]))


def main() -> None:
    """Run the command that the process was started with."""
    warnings.filterwarnings("ignore", message="(?s).*Eventlet is deprecated")  # known, and decided
    if is_green(sys.argv[1:]):
        importlib.import_module("eventlet").monkey_patch()
    from shared.cli.commands import shouwang  # late: after the patch

    shouwang(prog_name="shouwang")


if __name__ == "__main__":
    main()
