"""What a bank tells of an account, in whichever of the forms that are read."""

from loaders.decoding import UnreadableFileError
from loaders.detection import LARGEST_HEAD_BYTES, detect_file
from loaders.file_formats import FileFormat
from loaders.sepa.camt import read_camt053, read_camt054
from loaders.sepa.mapped_statement import read_mapped_statement
from loaders.sepa.statement_mapping import StatementMapping
from loaders.sepa.statements import Statement


def read_bank_file(
    name: str, content: bytes, mapping: StatementMapping | None = None
) -> tuple[Statement, ...]:
    """Read a statement of one or more accounts.

    Parameters
    ----------
    name : str
        Name of the file.
    content : bytes
        A message camt.053 or camt.054; with a mapping, a table of movements.
    mapping : StatementMapping, optional
        What the columns of a table mean.

    Returns
    -------
    tuple of Statement

    Raises
    ------
    UnreadableFileError
        If it is none of these; it says what the file is instead.
    FaultyMessageError
        If an entry is at fault, or the balances do not follow from the entries.
    FaultyArchiveError, OversizedArchiveError
        If it is a workbook that is damaged or expands beyond measure.
    """
    if mapping is not None:
        return (read_mapped_statement(content, mapping),)
    detection = detect_file(name, content[:LARGEST_HEAD_BYTES])
    if detection.format is FileFormat.CAMT_053:
        return read_camt053(content)
    if detection.format is FileFormat.CAMT_054:
        return read_camt054(content)
    raise UnreadableFileError(f"is no statement of an account: it {detection.reason}")
