"""What the database itself refuses of the vault's tables, and the one function that may delete from them.

On both databases, whoever asks: a part or an attachment is never changed, and is deleted only of a person who was
erased; a key is never removed, never becomes another person's, and stays destroyed; an erased person stays erased, and
is given no key again; and nothing is wrapped by a key-encryption key that was closed here.
On PostgreSQL the application role has moreover no right to delete a part: it can only call `shouwang_destroy`, which
runs with the owner's rights. On SQLite there is one role; there the triggers are all that a file can hold against it.
"""

from __future__ import annotations

from sqlalchemy import Connection, text

from shared.vault.tables import metadata

LOCK = 0x5641_554C
"""The class of the advisory locks under which keys are made and people are erased: 64 slots, by the person."""
KEK_LOCK = LOCK + 1
"""The class of the advisory locks under which a key-encryption key wraps, and is closed: `hashtext(purpose/id)`."""

_POSTGRESQL = (
    """
CREATE FUNCTION shouwang_vault_slots(people text[]) RETURNS SETOF int LANGUAGE sql AS $$
    SELECT DISTINCT hashtext(one) & 63 FROM unnest(people) AS one ORDER BY 1
$$
""",
    """
CREATE FUNCTION shouwang_vault_parts_guard() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM FROM vault_persons WHERE person = OLD.person AND standing = 'erased';
    IF NOT FOUND THEN
        RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ' keeps what it says: DELETE is refused',
            ERRCODE = 'restrict_violation';
    END IF;
    RETURN OLD;
END $$
""",
    # A transaction that makes a key and one that erases the person wait for each other here; the one that comes second
    # sees what the first did. Without the lock, a key made meanwhile would outlive the erasure.
    """
CREATE FUNCTION shouwang_vault_new_key_guard() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared({lock}, hashtext(NEW.person) & 63);
    PERFORM FROM vault_persons WHERE person = NEW.person AND standing = 'erased';
    IF FOUND AND NEW.wrapped IS NOT NULL THEN
        RETURN NULL;
    END IF;
    RETURN NEW;
END $$
""",
    # Whoever wraps holds the lock until the transaction ends, so that who closes the key-encryption key sees it.
    """
CREATE FUNCTION shouwang_vault_kek_guard() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE its text;
BEGIN
    IF TG_NARGS = 0 THEN its := NEW.purpose; ELSE its := TG_ARGV[0]; END IF;
    PERFORM pg_advisory_xact_lock_shared({kek_lock}, hashtext(its || '/' || NEW.kek));
    PERFORM FROM vault_closed WHERE purpose = its AND kek = NEW.kek;
    IF FOUND THEN
        RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ': the key-encryption key ' || NEW.kek || ' is closed',
            ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$
""",
    """
CREATE FUNCTION shouwang_vault_refusal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ' keeps what it says: ' || TG_OP || ' is refused',
        ERRCODE = 'restrict_violation';
END $$
""",
    """
CREATE TRIGGER vault_parts_no_update BEFORE UPDATE OR TRUNCATE ON vault_parts
    FOR EACH STATEMENT EXECUTE FUNCTION shouwang_vault_refusal()
""",
    """
CREATE TRIGGER vault_parts_no_delete BEFORE DELETE ON vault_parts
    FOR EACH ROW EXECUTE FUNCTION shouwang_vault_parts_guard()
""",
    """
CREATE TRIGGER vault_attachments_no_update BEFORE UPDATE OR TRUNCATE ON vault_attachments
    FOR EACH STATEMENT EXECUTE FUNCTION shouwang_vault_refusal()
""",
    """
CREATE TRIGGER vault_attachments_no_delete BEFORE DELETE ON vault_attachments
    FOR EACH ROW EXECUTE FUNCTION shouwang_vault_parts_guard()
""",
    """
CREATE TRIGGER vault_chunks_no_update BEFORE UPDATE OR TRUNCATE ON vault_chunks
    FOR EACH STATEMENT EXECUTE FUNCTION shouwang_vault_refusal()
""",
    """
CREATE TRIGGER vault_chunks_no_delete BEFORE DELETE ON vault_chunks
    FOR EACH ROW EXECUTE FUNCTION shouwang_vault_parts_guard()
""",
    """
CREATE TRIGGER vault_keys_no_delete BEFORE DELETE OR TRUNCATE ON vault_keys
    FOR EACH STATEMENT EXECUTE FUNCTION shouwang_vault_refusal()
""",
    """
CREATE TRIGGER vault_keys_stay BEFORE UPDATE ON vault_keys FOR EACH ROW
    WHEN ((OLD.wrapped IS NULL AND NEW.wrapped IS NOT NULL)
          OR (OLD.key_id, OLD.person, OLD.purpose) IS DISTINCT FROM (NEW.key_id, NEW.person, NEW.purpose))
    EXECUTE FUNCTION shouwang_vault_refusal()
""",
    """
CREATE TRIGGER vault_keys_new BEFORE INSERT ON vault_keys
    FOR EACH ROW EXECUTE FUNCTION shouwang_vault_new_key_guard()
""",
    """
CREATE TRIGGER vault_closed_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON vault_closed
    FOR EACH STATEMENT EXECUTE FUNCTION shouwang_vault_refusal()
""",
    """
CREATE TRIGGER vault_persons_no_delete BEFORE DELETE OR TRUNCATE ON vault_persons
    FOR EACH STATEMENT EXECUTE FUNCTION shouwang_vault_refusal()
""",
    """
CREATE TRIGGER vault_persons_stay BEFORE UPDATE ON vault_persons FOR EACH ROW
    WHEN (OLD.person <> NEW.person OR (OLD.standing = 'erased' AND NEW.standing <> 'erased'))
    EXECUTE FUNCTION shouwang_vault_refusal()
""",
    # Rows before advisory locks, as in sealing: in the other order the two could wait for each other. Each statement
    # sees what was committed before it began, so keys made while it waited are found by the second look.
    """
CREATE FUNCTION shouwang_destroy(people text[], OUT keys bigint, OUT parts bigint, OUT attachments bigint)
    LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM FROM vault_keys WHERE person = ANY(people) ORDER BY key_id FOR UPDATE;
    PERFORM pg_advisory_xact_lock({lock}, slot) FROM public.shouwang_vault_slots(people) AS slot;
    INSERT INTO vault_persons (person, standing) SELECT DISTINCT one, 'erased' FROM unnest(people) AS one
        ON CONFLICT (person) DO UPDATE SET standing = 'erased';
    UPDATE vault_keys SET wrapped = NULL WHERE person = ANY(people) AND wrapped IS NOT NULL;
    GET DIAGNOSTICS keys = ROW_COUNT;
    DELETE FROM vault_openings WHERE person = ANY(people);
    DELETE FROM vault_parts WHERE person = ANY(people);
    GET DIAGNOSTICS parts = ROW_COUNT;
    DELETE FROM vault_uploads WHERE person = ANY(people);
    DELETE FROM vault_chunks WHERE person = ANY(people);
    DELETE FROM vault_attachments WHERE person = ANY(people);
    GET DIAGNOSTICS attachments = ROW_COUNT;
END $$
""",
    "REVOKE EXECUTE ON FUNCTION shouwang_destroy(text[]) FROM PUBLIC",
)
_ALWAYS = (
    ("vault_parts", "vault_parts_no_update"),
    ("vault_parts", "vault_parts_no_delete"),
    ("vault_attachments", "vault_attachments_no_update"),
    ("vault_attachments", "vault_attachments_no_delete"),
    ("vault_chunks", "vault_chunks_no_update"),
    ("vault_chunks", "vault_chunks_no_delete"),
    ("vault_keys", "vault_keys_no_delete"),
    ("vault_keys", "vault_keys_stay"),
    ("vault_keys", "vault_keys_new"),
    ("vault_closed", "vault_closed_stay"),
    ("vault_persons", "vault_persons_no_delete"),
    ("vault_persons", "vault_persons_stay"),
)


def _sqlite() -> list[str]:
    erased = "EXISTS (SELECT 1 FROM vault_persons WHERE person = {row}.person AND standing = 'erased')"
    renamed = "OLD.key_id <> NEW.key_id OR OLD.person <> NEW.person OR OLD.purpose <> NEW.purpose"
    revived = "OLD.wrapped IS NULL AND NEW.wrapped IS NOT NULL"
    risen = "OLD.person <> NEW.person OR (OLD.standing = 'erased' AND NEW.standing <> 'erased')"
    new_key = f"NEW.wrapped IS NOT NULL AND {erased.format(row='NEW')}"
    kept = ("vault_parts", "vault_attachments", "vault_chunks")
    return [
        *(_refused(table, "UPDATE") for table in kept),
        *(_refused(table, "DELETE", f"WHEN NOT {erased.format(row='OLD')}") for table in kept),
        _refused("vault_keys", "DELETE"),
        _refused("vault_keys", "UPDATE", f"WHEN ({revived}) OR {renamed}"),
        f"CREATE TRIGGER vault_keys_new BEFORE INSERT ON vault_keys WHEN {new_key} BEGIN SELECT RAISE(IGNORE); END",
        _refused("vault_closed", "UPDATE"),
        _refused("vault_closed", "DELETE"),
        _refused("vault_persons", "DELETE"),
        _refused("vault_persons", "UPDATE", f"WHEN {risen}"),
    ]


def _refused(table: str, action: str, when: str = "") -> str:
    words = f"{table} keeps what it says: {action} is refused"
    return (
        f"CREATE TRIGGER {table}_no_{action.lower()} BEFORE {action} ON {table} {when} "
        f"BEGIN SELECT RAISE(ABORT, '{words}'); END"
    )


_RIGHTS = {
    "vault_keys": "SELECT, INSERT, UPDATE (wrapped, kek)",
    "vault_parts": "SELECT, INSERT",
    "vault_attachments": "SELECT, INSERT",
    "vault_chunks": "SELECT, INSERT",
    "vault_uploads": "SELECT, INSERT, DELETE",
    "vault_persons": "SELECT, INSERT, UPDATE (standing)",
    "vault_openings": "SELECT, INSERT, DELETE",
    "vault_closed": "SELECT, INSERT",
}


def create_vault(tx: Connection, *, application_role: str | None = None) -> None:
    """Create the vault's tables with their guards, as a service's first migration does.

    `application_role` is the PostgreSQL role that the service runs as; it gets what it needs and no more.
    """
    metadata.create_all(tx)
    for statement in _statements(tx.dialect.name):
        tx.execute(text(statement))
    guard_keks(tx, "vault_keys")
    if application_role is not None and tx.dialect.name == "postgresql":
        for table, rights in _RIGHTS.items():
            tx.execute(text(f'GRANT {rights} ON "{table}" TO "{application_role}"'))
        tx.execute(text(f'GRANT EXECUTE ON FUNCTION shouwang_destroy(text[]) TO "{application_role}"'))


def guard_keks(tx: Connection, table: str, purpose: str | None = None) -> None:
    """Refuse in a table with the columns `kek` and `wrapped` what a closed key-encryption key wraps.

    `purpose` is that of the whole table; without it the table has a column `purpose`.
    """
    if tx.dialect.name == "postgresql":
        said = f"'{purpose}'" if purpose else ""
        tx.execute(
            text(
                f"CREATE TRIGGER {table}_kek BEFORE INSERT OR UPDATE OF kek ON {table} FOR EACH ROW "
                f"WHEN (NEW.wrapped IS NOT NULL) EXECUTE FUNCTION shouwang_vault_kek_guard({said})"
            )
        )
        tx.execute(text(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_kek"))
        return
    its = f"'{purpose}'" if purpose else "NEW.purpose"
    closed = f"EXISTS (SELECT 1 FROM vault_closed WHERE purpose = {its} AND kek = NEW.kek)"  # noqa: S608 - our names
    for name, action in (("insert", "INSERT"), ("update", "UPDATE OF kek")):
        tx.execute(
            text(
                f"CREATE TRIGGER {table}_kek_{name} BEFORE {action} ON {table} "
                f"WHEN NEW.wrapped IS NOT NULL AND {closed} "
                f"BEGIN SELECT RAISE(ABORT, '{table}: the key-encryption key is closed'); END"
            )
        )


def _statements(dialect: str) -> list[str]:
    if dialect != "postgresql":
        return _sqlite()
    made = [one.replace("{lock}", str(LOCK)).replace("{kek_lock}", str(KEK_LOCK)) for one in _POSTGRESQL]
    always = [f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {trigger}" for table, trigger in _ALWAYS]
    return [*made, *always]
