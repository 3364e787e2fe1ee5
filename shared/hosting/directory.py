"""Which services there are, and where: found by name, because `shared` knows no service.

Each lies in `services/<name>/service.py` as the one class there whose `name` is the folder's.
"""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import Any

from shared.contracts import LANGUAGE, sources_of
from shared.hosting.entrypoints import sources_heard_by
from shared.hosting.service import Service

SERVICES = tuple(LANGUAGE)
"""The services with a log of their own, in the order in which a new deployment fills them."""


def service_class(name: str, package: str | None = None) -> Any:
    """The service class of a name. Raises LookupError where there is none, ImportError where it does not import."""
    if package is None and name not in SERVICES:
        raise LookupError(f"no such service: {name} (there are {', '.join(SERVICES)})")
    found = _declared_in(importlib.import_module(f"{package or f'services.{name}'}.service"), name)
    if found is None:
        raise LookupError(f"no service of the name {name} is declared in its module")
    check_hearing(name, found)
    return found


def service_classes() -> dict[str, Any]:
    """Every service class by name."""
    return {name: service_class(name) for name in SERVICES}


def check_hearing(name: str, service: type) -> None:
    """Refuse a class that hears others than the published language says. Raises ValueError.

    A service that forgot `hears` would run for weeks with old copies before anybody noticed.
    """
    heard, said = sources_heard_by(service), sorted(sources_of(name))
    if heard != said:
        raise ValueError(f"{name} hears {heard}, but the published language says {said}")


def _declared_in(module: ModuleType, name: str) -> Any:
    for one in vars(module).values():
        if isinstance(one, type) and issubclass(one, Service) and getattr(one, "name", None) == name:
            return one
    return None
