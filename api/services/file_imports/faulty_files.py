"""What is wrong with files that were handed in together."""

from api.services.file_imports.file_report import FileReport
from loaders.faults import Fault, FaultyInputError


class FaultyFilesError(FaultyInputError):
    """Files that were handed in together cannot all be taken, so none is.

    Attributes
    ----------
    reports : tuple of FileReport
        What would have been done with those whose rows were rejected.
    """

    def __init__(self, faults: tuple[Fault, ...], reports: tuple[FileReport, ...]) -> None:
        super().__init__(faults)
        self.reports = reports
