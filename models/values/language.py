"""Languages that documents speak."""

from enum import StrEnum


class Language(StrEnum):
    """Language of a document, by its ISO 639-1 code."""

    SPANISH = "es"
    CATALAN = "ca"
    ENGLISH = "en"
