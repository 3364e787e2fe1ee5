"""Registry's own tables. Divisions, grants and staff stand in those of `shared.access`, which registry feeds too."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    UniqueConstraint,
)

from shared.storage.columns import Bytes, Id, Instant, Json

metadata = MetaData()

schools = Table(
    "registry_schools",
    metadata,
    Column("school", Id, primary_key=True),
    Column("name", String(200), nullable=False),
    Column("name_key", String(200), nullable=False, index=True),
    Column("division", Id, nullable=False, index=True),
    Column("stages", Json, nullable=False),
)
classes = Table(
    "registry_classes",
    metadata,
    Column("klass", Id, primary_key=True),
    Column("school", Id, nullable=False, index=True),
    Column("name", String(200), nullable=False),
    Column("name_key", String(200), nullable=False),
    Column("grade", Integer, nullable=False),
    Column("pupils", Integer),
    Column("left_behind", Integer),
    Column("counted_on", Date),
)
"""`pupils` and `left_behind` are as the last roster counted them; None before the first."""

children = Table(
    "registry_children",
    metadata,
    Column("child", Id, primary_key=True),
    Column("name", String(200), info={"personal_of": "child"}),
    Column("name_key", String(200), index=True, info={"personal_of": "child"}),
    Column("sort_key", String(250), index=True, info={"personal_of": "child"}),
    Column("sex", String(10), info={"personal_of": "child"}),
    Column("born", Date, info={"personal_of": "child"}),
    Column("village", Id, nullable=False, index=True),
    Column("school", Id, index=True),
    Column("klass", Id, index=True),
    Column("scope", String(20), nullable=False),
    Column("responsible", Id, index=True),
    Column("arrangement", String(20), index=True),
    Column("since", Date),
    Column("carer", Id),
    Column("identity_missing", String(40)),
    Column("present", Boolean, nullable=False),
    Column("left_reason", String(20)),
)
"""Personal columns are empty where they are erased."""

name_keys = Table(
    "registry_name_keys",
    metadata,
    Column("child", Id, nullable=False),
    Column("kind", String(10), nullable=False),
    Column("key", String(250), nullable=False, info={"personal_of": "child"}),
    PrimaryKeyConstraint("child", "kind", "key"),
    Index("registry_name_keys_found", "kind", "key"),
)
"""How a child's name may sound: `full`, `initials`, `sounds`."""

contacts = Table(
    "registry_contacts",
    metadata,
    Column("child", Id, nullable=False),
    Column("contact", Id, nullable=False),
    Column("relation", String(20), nullable=False),
    Column("place", Integer, nullable=False),
    Column("status", String(20), nullable=False),
    Column("away", Boolean, nullable=False),
    Column("name", String(200), info={"personal_of": "contact"}),
    Column("name_key", String(200), info={"personal_of": "contact"}),
    Column("phone", String(60), info={"personal_of": "contact"}),
    Column("other_phone", String(60), info={"personal_of": "contact"}),
    PrimaryKeyConstraint("child", "contact"),
)
risks = Table(
    "registry_risks",
    metadata,
    Column("child", Id, nullable=False),
    Column("risk", String(40), nullable=False, index=True),
    PrimaryKeyConstraint("child", "risk"),
)
identity_marks = Table(
    "registry_identity_marks",
    metadata,
    Column("child", Id, primary_key=True),
    Column("mark", Bytes, nullable=False, info={"personal_of": "child"}),
    UniqueConstraint("mark", name="registry_one_child_a_number"),
)
"""A claim: no two children have one identity number. The mark is a keyed digest of it."""

layouts = Table(
    "registry_layouts",
    metadata,
    Column("layout", Id, primary_key=True),
    Column("mapping", Json, nullable=False),
)
imports = Table(
    "registry_imports",
    metadata,
    Column("roster", Id, primary_key=True),
    Column("file", Id, nullable=False, index=True),
    Column("staff", Id, nullable=False, index=True),
    Column("school", Id),
    Column("legal_basis", String(40), nullable=False),
    Column("state", String(20), nullable=False),
    Column("rows", Integer, nullable=False),
    Column("chunks", Integer, nullable=False),
    Column("done", Integer, nullable=False),
    *(
        Column(name, Integer, nullable=False)
        for name in ("registered", "updated", "unchanged", "counted", "duplicate", "refused")
    ),
    Column("started", Instant, nullable=False),
    Column("ended", Instant),
)
"""`state`: running, finished, abandoned."""
erasures = Table(
    "registry_erasures",
    metadata,
    Column("erasure", Id, primary_key=True),
    Column("request", Integer, nullable=False),
    Column("person", Id, nullable=False),
    Column("child", Id, nullable=False, index=True),
    Column("grounds", String(40), nullable=False),
    Column("state", String(20), nullable=False, index=True),
    Column("requested_by", String(80), nullable=False),
    Column("requested_at", Instant, nullable=False),
    Column("decided_by", String(80)),
    Column("decided_at", Instant),
    Column("refusal", String(40)),
    Column("answers", Json, nullable=False),
    Column("carried", Json, nullable=False),
    Column("postponed", Json, nullable=False),
    Column("until", Date),
    Column("closed", Boolean, nullable=False),
    Column("lifting", Json),
    Column("version", Integer, nullable=False),
)
"""The latest request to erase each person. `answers`: what each service says; `carried`: which have done it.
`closed`: whether it keeps somebody restricted; `lifting`: who asks that this end, and where it has."""

openings = Table(
    "registry_openings",
    metadata,
    Column("opening", Id, primary_key=True),
    Column("request", Integer, nullable=False),
    Column("child", Id, nullable=False, index=True),
    Column("reason", String(40), nullable=False),
    Column("minutes", Integer, nullable=False),
    Column("state", String(20), nullable=False, index=True),
    Column("asked_by", String(80), nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("decided_by", String(80)),
    Column("decided_at", Instant),
    Column("until", Instant),
    Column("ended_at", Instant),
    Column("version", Integer, nullable=False),
)
"""The latest request to read together what is restricted about each child."""
