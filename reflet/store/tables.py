"""The tables: one schema for SQLite and PostgreSQL. Times are seconds since 1970; changes come as migrations/.

settings   single values that all processes share (the secret that signs links)
keys       who may ask: never the key, only its SHA-256
jobs       what was accepted: queued -> running (under a lease) -> done, failed or cancelled
holds      whose jobs wait in the queue for now ("*": everybody's)
charges    one row for each job that was done, ever
pictures   what came of it; the bytes are blobs
files, batches   uploads for, and results of, OpenAI's batch interface
audit      who did what; each row carries the hash of the one before
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
)

metadata = MetaData()

settings = Table(
    "settings",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", Text, nullable=False),
)

keys = Table(
    "keys",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("digest", String(64), nullable=False, unique=True),
    Column("scopes", JSON, nullable=False),
    Column("limits", JSON, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("expires_at", Double),
    Column("revoked_at", Double),
    Column("last_used_at", Double),
)

jobs = Table(
    "jobs",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("key_id", String(40), nullable=False),
    Column("end_user", String(64)),  # SHA-256 of what the caller gave as `user`
    Column("model", String(200), nullable=False),
    Column("payload", JSON, nullable=False),
    Column("num_pictures", Integer, nullable=False),
    Column("pixel_steps", Double, nullable=False),
    Column("priority", Integer, nullable=False),  # lower goes first
    Column("status", String(16), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("lease_owner", String(120)),
    Column("lease_until", Double),
    Column("not_before", Double, nullable=False),
    Column("cancel_wanted", Boolean, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("finished_at", Double),
    Column("error", JSON),
    Column("cost", JSON),
    Column("idempotency_key", String(255)),
    Column("request_hash", String(64), nullable=False),
    Column("batch_id", String(40)),
    Column("custom_id", String(255)),
    UniqueConstraint("key_id", "idempotency_key", name="jobs_once"),
    Index("jobs_waiting", "status", "priority", "created_at"),
    Index("jobs_of_key", "key_id", "status"),
    Index("jobs_of_batch", "batch_id"),
)

holds = Table(
    "holds",
    metadata,
    Column("key_id", String(40), primary_key=True),
    Column("since", Double, nullable=False),
)

charges = Table(
    "charges",
    metadata,
    Column("job_id", String(40), primary_key=True),
    Column("key_id", String(40), nullable=False),
    Column("num_pictures", Integer, nullable=False),
    Column("pixel_steps", Double, nullable=False),
    Column("seconds", Double, nullable=False),
    Column("joules", Double),
    Column("method", String(16)),
    Column("created_at", Double, nullable=False),
    Index("charges_of_key", "key_id", "created_at"),
)

pictures = Table(
    "pictures",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("job_id", String(40), ForeignKey("jobs.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("key_id", String(40), nullable=False),
    Column("end_user", String(64)),
    Column("blob", String(80), nullable=False),
    Column("media_type", String(40), nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("seed", Double, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("num_bytes", Integer, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("expires_at", Double),
    Column("words", Text),  # of its prompt, folded: what a search looks through
    Column("favourite", Boolean, nullable=False, server_default=false()),
    Column("folder", String(120)),
    Column("thumbnail", String(80)),  # a blob, once somebody has asked for it
    UniqueConstraint("job_id", "number", name="pictures_once"),
    Index("pictures_of_key", "key_id", "created_at"),
    Index("pictures_in_folders", "key_id", "folder"),
    Index("pictures_expiring", "expires_at"),
)

files = Table(
    "files",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("key_id", String(40), nullable=False),
    Column("purpose", String(40), nullable=False),
    Column("filename", String(255), nullable=False),
    Column("num_bytes", Integer, nullable=False),
    Column("blob", String(80), nullable=False),
    Column("created_at", Double, nullable=False),
    Index("files_of_key", "key_id", "created_at"),
)

batches = Table(
    "batches",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("key_id", String(40), nullable=False),
    Column("endpoint", String(80), nullable=False),
    Column("input_file_id", String(40), nullable=False),
    Column("output_file_id", String(40)),
    Column("error_file_id", String(40)),
    Column("status", String(16), nullable=False),
    Column("errors", JSON),
    Column("note", JSON),
    Column("num_lines", Integer, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("finished_at", Double),
    Index("batches_of_key", "key_id", "created_at"),
)

audit = Table(
    "audit",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("at", Double, nullable=False),
    Column("actor", String(40), nullable=False),
    Column("action", String(40), nullable=False),
    Column("subject", String(80), nullable=False),
    Column("detail", JSON, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
)
