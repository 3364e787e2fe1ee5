"""Tables that only grow: triggers by which the database itself refuses to change or remove a row.

They stop mistakes and a stolen application role. An owner who drops them is found out by the ledger instead.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_NAME = re.compile(r"[a-z_][a-z0-9_]{0,50}")

_FUNCTION = """
CREATE OR REPLACE FUNCTION append_only_refusal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ' is append-only: ' || TG_OP || ' is refused',
        ERRCODE = 'restrict_violation', TABLE = TG_TABLE_NAME, SCHEMA = TG_TABLE_SCHEMA;
END $$
""".strip()


def append_only(tables: Sequence[str], dialect: str) -> list[str]:
    """SQL statements, to be executed one by one, after which these tables refuse UPDATE, DELETE and TRUNCATE.

    `dialect` is SQLAlchemy's name of it: `sqlite` or `postgresql` (14 or later). The refusal reaches Python as
    IntegrityError. Running them again changes nothing. The statements hold no percent sign and no colon-name, so
    they pass through any driver as they are. Raises ValueError on another dialect or a name that is not plain.

    On SQLite, REPLACE removes the row in its way without asking a trigger unless the connection has set
    `recursive_triggers`; `shared.storage.database` sets it.
    """
    if odd := [name for name in tables if not _NAME.fullmatch(name)]:
        raise ValueError(f"not plain table names: {odd}")
    if dialect == "sqlite":
        return [_sqlite(name, action) for name in tables for action in ("UPDATE", "DELETE")]
    if dialect == "postgresql":
        return [_FUNCTION, *(statement for name in tables for statement in _postgresql(name))]
    raise ValueError(f"no append-only tables on {dialect}")


def _sqlite(name: str, action: str) -> str:
    # TRUNCATE is not known here, and a DELETE without WHERE asks the trigger for each row.
    return (
        f"CREATE TRIGGER IF NOT EXISTS {name}_no_{action.lower()} BEFORE {action} ON {name} "
        f"BEGIN SELECT RAISE(ABORT, '{name} is append-only: {action} is refused'); END"
    )


def _postgresql(name: str) -> list[str]:
    # For each statement, not each row: it also refuses TRUNCATE, COPY into a conflict, and what would match no row.
    # ALWAYS, because a session may otherwise call itself a replica and pass.
    trigger = (
        f'CREATE OR REPLACE TRIGGER {name}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "{name}" '
        "FOR EACH STATEMENT EXECUTE FUNCTION append_only_refusal()"
    )
    return [trigger, f'ALTER TABLE "{name}" ENABLE ALWAYS TRIGGER {name}_append_only']
