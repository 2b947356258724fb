"""An erasure leaves invoices, and no byte of anything else: databases and files are searched."""

from pathlib import Path

from sqlalchemy import Engine, text

from models.session import is_postgres
from models.tables import Erasure
from tests.support.databases import opened
from tests.support.marked_people import MarkedCommunity, erase, mark, spell
from tests.support.stored_bytes import read_stored
from tests.support.whole_databases import everything_in

_FOLDER = text(
    "SELECT current_setting('data_directory') || '/base/' || oid FROM pg_database"
    " WHERE datname = current_database()"
)
INVOICE_TABLES = {"invoice", "invoice_file", "fiscal_record", "agency_submission"}


def read_everything(marked: MarkedCommunity) -> bytes:
    """Read the database, its files, and all that lies beside it."""
    engine = marked.billed.engine
    files = [path for path in marked.data_dir.rglob("*") if path.is_file()]
    files += list_table_files(engine) if is_postgres(engine) else []
    return b"\n".join([read_stored(engine), *(path.read_bytes() for path in files)])


def list_table_files(engine: Engine) -> list[Path]:
    """List the files in which PostgreSQL keeps the tables of this database, if they can be read."""
    url = engine.url.set(username="postgres").render_as_string()
    with opened(url) as above, above.connect() as connection:
        committing = connection.execution_options(isolation_level="AUTOCOMMIT")
        committing.execute(text("CHECKPOINT"))
        folder = committing.scalar(_FOLDER)
    return [path for path in Path(str(folder)).glob("*") if path.is_file()]


def find_marks(held: bytes, marks: tuple[str, ...]) -> set[str]:
    folded = held.lower()
    return {mark for mark in marks if any(f in held or f.lower() in folded for f in spell(mark))}


def count_measured(held: bytes, months: list[bytes]) -> int:
    return sum(month in held or month.hex().encode() in held for month in months)


def read_tables(engine: Engine, *, but: set[str]) -> bytes:
    rows = everything_in(engine)
    return "\n".join(str(each) for name, each in rows.items() if name not in but).encode()


def test_no_byte_stays_but_of_invoices(marked: MarkedCommunity):
    engine, mine, theirs = marked.billed.engine, mark(0), mark(1)
    months, their_months = marked.measured(0), marked.measured(1)
    before = read_everything(marked)
    everything = {*mine.of_invoices, *mine.of_nothing_kept}
    assert find_marks(before, tuple(everything)) == everything - {mine.iban}
    assert (count_measured(before, months), len(months)) == (12, 12)
    erasure = erase(marked)
    after = read_everything(marked)
    assert find_marks(after, mine.of_nothing_kept) == set()
    assert count_measured(after, months) == 0
    assert find_marks(after, mine.of_invoices) == set(mine.of_invoices)
    elsewhere = read_tables(engine, but=INVOICE_TABLES)
    assert find_marks(elsewhere, mine.of_invoices) == set()
    assert list(marked.data_dir.rglob("*/*")) == []
    others = {*theirs.of_invoices, *theirs.of_nothing_kept}
    assert find_marks(after, tuple(others)) == others - {theirs.iban}
    assert count_measured(after, their_months) == 12
    (kept,) = everything_in(engine)["erasure"]
    assert kept[: len(Erasure.model_fields) - 2] == (
        erasure.id, marked.owner, marked.member_id(), None, *kept[4:7],
    )  # fmt: skip
