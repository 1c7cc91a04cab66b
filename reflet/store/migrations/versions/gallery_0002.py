"""What a gallery needs: words to search, favourites, folders, thumbnails; and a queue that can be held"""

import sqlalchemy as sa
from alembic import op

from reflet.store.folding import search_words

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "holds",
        sa.Column("key_id", sa.String(length=40), nullable=False),
        sa.Column("since", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("key_id"),
    )
    with op.batch_alter_table("pictures", schema=None) as batch_op:
        batch_op.add_column(sa.Column("words", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("favourite", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column("folder", sa.String(length=120), nullable=True))
        batch_op.add_column(sa.Column("thumbnail", sa.String(length=80), nullable=True))
        batch_op.create_index("pictures_in_folders", ["key_id", "folder"], unique=False)
    _fill_words()


def downgrade() -> None:
    with op.batch_alter_table("pictures", schema=None) as batch_op:
        batch_op.drop_index("pictures_in_folders")
        for name in ("thumbnail", "folder", "favourite", "words"):
            batch_op.drop_column(name)
    op.drop_table("holds")


def _fill_words() -> None:
    """Pictures that were there before can be searched as well: their jobs still hold the prompts."""
    jobs = sa.table("jobs", sa.column("id", sa.String), sa.column("payload", sa.JSON))
    pictures = sa.table("pictures", sa.column("job_id", sa.String), sa.column("words", sa.Text))
    connection = op.get_bind()
    made = sa.select(jobs).where(jobs.c.id.in_(sa.select(pictures.c.job_id).distinct()))
    for job in connection.execute(made).all():
        words = search_words((job.payload or {}).get("request", {}).get("prompt", ""))
        connection.execute(sa.update(pictures).where(pictures.c.job_id == job.id).values(words=words))
