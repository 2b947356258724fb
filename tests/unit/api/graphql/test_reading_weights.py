"""What is kept is weighed by what it holds, and what may be of any size is not kept."""

import gc
from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
import pytest

from api.graphql import reading_weights
from api.graphql.reading_weights import (
    weigh_number,
    weigh_page,
    weigh_record,
    weigh_rows,
    weigh_series,
)
from api.services.energy.read_energy import EnergySeries
from models.repositories.shown_rows import _make_view
from models.tables import CoefficientProposal, InvoiceFile, Member, OutboxMessage
from tests.support.databases import RECORDED_AT


@dataclass
class Something:
    size: int = 0


def show(table, **columns):
    """Make a row of some columns, as a repository does."""
    view = _make_view(table, frozenset(columns))
    return view.make([columns[name] for name in sorted(columns)])


SLIGHT = show(Member, id=1, code="M1")
DOCUMENT = show(CoefficientProposal, id=1, result={})


def weigh_known(record):
    """Weigh a record of whose kind another was weighed before."""
    weigh_record(record)
    return weigh_record(record)


@pytest.mark.parametrize(
    ("record", "weight"),
    [
        (SLIGHT, 1),
        (show(CoefficientProposal, id=1), 1),
        (DOCUMENT, None),
        (show(InvoiceFile, content=b""), None),
        (Member(code="M1"), 4),
        (CoefficientProposal(), None),
        (Something(), None),
    ],
)
def test_records_with_documents_and_files_are_not_kept(record, weight):
    assert weigh_known(record) == weight


@pytest.mark.parametrize(
    ("text", "weight"), [("x" * 10_000, 11), ("\N{SUN BEHIND CLOUD}" * 10_000, 21)]
)
@pytest.mark.parametrize("is_shown", [True, False])
def test_texts_weigh_what_they_take(text, weight, is_shown):
    message = show(OutboxMessage, body=text) if is_shown else OutboxMessage(body=text)
    assert weigh_known(message) - weight == (0 if is_shown else 3)


@pytest.mark.parametrize(
    ("rows", "weight"),
    [([], 1), ([SLIGHT] * 7, 4), ([Member()] * 7, 22), ([DOCUMENT], None)],
)
def test_lists_and_pages_weigh_what_they_hold(rows, weight):
    weigh_rows(rows)
    assert weigh_rows(rows) == weigh_page(SimpleNamespace(items=rows)) == weight


def test_the_first_of_a_choice_of_columns_weighs_the_kind_of_row_too():
    _make_view.cache_clear()
    rows = [show(Member, id=place, kind=None) for place in range(2)]
    assert [weigh_record(row) for row in rows] == [7, 1]


def test_kinds_of_rows_are_let_go_with_their_rows():
    _make_view.cache_clear()
    gc.collect()
    before = len(reading_weights._OWN_BYTES)
    weigh_record(show(Member, id=1, community_id=None))
    assert len(reading_weights._OWN_BYTES) == before + 1
    _make_view.cache_clear()
    gc.collect()
    assert len(reading_weights._OWN_BYTES) == before


def test_numbers_are_light_and_years_are_not():
    assert weigh_number(10**6) == 1
    year = EnergySeries(RECORDED_AT, "PT1H", np.zeros(8760))
    assert weigh_series(year) == 71
