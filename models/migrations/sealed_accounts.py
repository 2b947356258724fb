"""Columns that hold accounts in clear, and those that take their place."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

from models.migrations.rewriting import note_rewritten, require_keyring
from models.sealed_ibans import SealedIban, name_place, open_iban, seal_iban
from models.values.iban import Iban, hide_ibans


def seal_accounts(table: str, clear: str, names: Sequence[str], *, nullable: bool) -> None:
    """Put what is sealed in place of numbers in clear."""
    with op.batch_alter_table(table) as batch:
        for column in _list_columns(names):
            batch.add_column(column)
    rows = _describe(table, clear, names)
    found = op.get_bind().execute(sa.select(rows).where(rows.c[clear].is_not(None))).all()
    for row in found:
        kept = seal_iban(
            require_keyring(),
            Iban(getattr(row, clear)),
            place=name_place(table, names[0], row.id),
            promoter_id=row.promoter_id,
        )
        op.get_bind().execute(
            sa.update(rows).where(rows.c.id == row.id).values(_lay_out(kept, names))
        )
    if found:
        note_rewritten([table])
    with op.batch_alter_table(table) as batch:
        batch.drop_constraint("whole_iban", type_="check")
        batch.drop_column(clear)
        for column in _list_columns(names):
            batch.alter_column(column.name, existing_type=column.type, nullable=nullable)
        for name, condition in _list_checks(names):
            batch.create_check_constraint(name, condition)


def mask_texts(table: str, names: Sequence[str]) -> None:
    """Mask the accounts that somebody wrote into texts."""
    texts = sa.table(table, sa.column("id", sa.Uuid()), *(sa.column(name) for name in names))
    for key, *told in op.get_bind().execute(sa.select(texts)).all():
        masked = {
            name: shown
            for name, written in zip(names, told, strict=True)
            if written is not None and (shown := hide_ibans(written)) != written
        }
        if masked:
            op.get_bind().execute(sa.update(texts).where(texts.c.id == key).values(masked))
            note_rewritten([table])


def open_accounts(table: str, clear: str, names: Sequence[str], *, nullable: bool) -> None:
    """Put numbers in clear in place of what is sealed."""
    with op.batch_alter_table(table) as batch:
        batch.add_column(sa.Column(clear, sa.String(34)))
    rows = _describe(table, clear, names)
    sealed = rows.c[names[0]]
    for row in op.get_bind().execute(sa.select(rows).where(sealed.is_not(None))).all():
        place = name_place(table, names[0], row.id)
        iban = open_iban(require_keyring(), getattr(row, names[0]), place=place)
        told = sa.update(rows).where(rows.c.id == row.id).values({clear: iban.reveal()})
        op.get_bind().execute(told)
    with op.batch_alter_table(table) as batch:
        for name, _ in _list_checks(names):
            batch.drop_constraint(name, type_="check")
        for name in names:
            batch.drop_column(name)
        batch.alter_column(clear, existing_type=sa.String(34), nullable=nullable)
        batch.create_check_constraint("whole_iban", f"length({clear}) BETWEEN 15 AND 34")


def _describe(table: str, clear: str, names: Sequence[str]) -> sa.TableClause:
    columns = [sa.column(column.name, column.type) for column in _list_columns(names)]
    keys = [sa.column("id", sa.Uuid()), sa.column("promoter_id", sa.Uuid())]
    return sa.table(table, *keys, sa.column(clear, sa.String()), *columns)


def _list_columns(names: Sequence[str]) -> list[sa.Column[Any]]:
    sealed, index, masked = names
    return [
        sa.Column(sealed, sa.LargeBinary()),
        sa.Column(index, sa.LargeBinary()),
        sa.Column(masked, sa.String(8)),
    ]


def _lay_out(kept: SealedIban, names: Sequence[str]) -> dict[str, Any]:
    return dict(zip(names, (kept.sealed, kept.index, kept.masked), strict=True))


def _list_checks(names: Sequence[str]) -> list[tuple[str, str]]:
    sealed, index, masked = names
    return [
        ("whole_seal", f"length({sealed}) BETWEEN 45 AND 64"),
        ("whole_index", f"length({index}) = 32"),
        (f"{masked}_length", f"length({masked}) BETWEEN 1 AND 8"),
    ]
