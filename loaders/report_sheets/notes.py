"""The sheet of notes: sources, units, limits, method and proof, in words."""

from loaders.report_content import ReportContent
from loaders.report_sheets.book import Book

_TOPIC_WIDTH, _TEXT_WIDTH, _HEADING_HEIGHT = 26, 112, 24


def write_notes(book: Book, content: ReportContent) -> None:
    """Write one topic a line, each as high as its text.

    Parameters
    ----------
    book : Book
        The workbook under construction, and its language.
    content : ReportContent
        What the report says.
    """
    texts = book.texts
    sheet = book.add_sheet(texts.sheets.notes)
    sheet.set_column(0, 0, _TOPIC_WIDTH)
    sheet.set_column(1, 1, _TEXT_WIDTH)
    sheet.set_row(0, _HEADING_HEIGHT)
    sheet.write_string(0, 0, texts.topic, book.heading)
    sheet.write_string(0, 1, texts.sheets.notes, book.heading)
    sheet.freeze_panes(1, 0)
    sheet.repeat_rows(0)
    for row, (topic, text) in enumerate(content.notes, start=1):
        sheet.set_row(row, book.height_of(text, _TEXT_WIDTH))
        sheet.write_string(row, 0, topic, book.strong)
        sheet.write_string(row, 1, text, book.wrapped)
    book.fit_to_page(sheet)
