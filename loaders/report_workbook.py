"""The report a promoter can send on: a workbook that shows the whole plan, one subject a sheet."""

from datetime import UTC, datetime
from typing import BinaryIO

import xlsxwriter

from loaders.report_content import ReportContent
from loaders.report_sheets.bills import write_bills
from loaders.report_sheets.book import Book
from loaders.report_sheets.classes import write_classes
from loaders.report_sheets.fairness import write_fairness
from loaders.report_sheets.members import write_members
from loaders.report_sheets.months import write_months
from loaders.report_sheets.notes import write_notes
from loaders.report_sheets.summary import write_summary
from loaders.report_sheets.unseen import write_unseen
from loaders.report_sheets.winners import write_winners
from loaders.report_texts import texts_in
from models.values.language import Language

_LONGEST_NAME_IN_PRINT = 90


def write_report_workbook(
    file: BinaryIO, content: ReportContent, *, created_at: datetime, language: Language
) -> None:
    """Write the report as an XLSX workbook.

    Parameters
    ----------
    file : BinaryIO
        Where the bytes go.
    content : ReportContent
        What it says; bills, the price of fairness, classes of hours and unseen data have a sheet
        where they are known.
    created_at : datetime
        Instant stamped into the document's properties; the same content and instant give the
        same bytes.
    language : Language
        Language of headings and labels.

    Notes
    -----
    Texts are never taken for formulas or links, whatever they begin with.
    """
    texts = texts_in(language)
    options = {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True}
    workbook = xlsxwriter.Workbook(file, options)
    workbook.set_properties(
        {
            "title": f"{texts.title} {content.cau}",
            "author": "reparto",
            "created": created_at.astimezone(UTC).replace(tzinfo=None),
        }
    )
    # In a header a single & begins a code.
    name = content.community[:_LONGEST_NAME_IN_PRINT].replace("&", "&&")
    book = Book(workbook, texts, f"{name} · {content.cau} · {content.year}")
    _write_sheets(book, content)
    workbook.close()


def _write_sheets(book: Book, content: ReportContent) -> None:
    """Write what is known, in the order in which people ask."""
    write_summary(book, content)
    write_members(book, content)
    write_winners(book, content)
    write_months(book, content)
    if content.bills is not None:
        write_bills(book, content.bills)
    if content.fairness is not None:
        write_fairness(book, content, content.fairness)
    if content.classes is not None:
        write_classes(book, content, content.classes)
    if content.unseen is not None:
        write_unseen(book, content, content.unseen)
    write_notes(book, content)
