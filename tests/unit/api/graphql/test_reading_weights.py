"""What is kept is weighed by what it holds, and what may be of any size is not kept."""

from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
import pytest

from api.graphql.reading_weights import (
    weigh_number,
    weigh_page,
    weigh_record,
    weigh_rows,
    weigh_series,
)
from api.services.energy.read_energy import EnergySeries
from models.repositories.shown_rows import _make_view
from models.tables import CoefficientProposal, InvoiceFile, Member
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


@pytest.mark.parametrize(
    ("record", "weight"),
    [
        (SLIGHT, 1),
        (show(CoefficientProposal, id=1), 1),
        (DOCUMENT, None),
        (show(InvoiceFile, content=b""), None),
        (Member(), 3),
        (CoefficientProposal(), None),
        (Something(), None),
    ],
)
def test_records_with_documents_and_files_are_not_kept(record, weight):
    assert weigh_record(record) == weight


@pytest.mark.parametrize(
    ("rows", "weight"),
    [([], 1), ([SLIGHT] * 7, 7), ([Member()] * 7, 21), ([DOCUMENT], None)],
)
def test_lists_and_pages_weigh_what_they_hold(rows, weight):
    assert weigh_rows(rows) == weigh_page(SimpleNamespace(items=rows)) == weight


def test_numbers_are_light_and_years_are_not():
    assert weigh_number(10**6) == 1
    year = EnergySeries(RECORDED_AT, "PT1H", np.zeros(8760))
    assert weigh_series(year) == 88
