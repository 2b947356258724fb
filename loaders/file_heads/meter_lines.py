"""Files that begin with data: SIMEL's by the count of their fields, and coefficient files."""

import re
from collections import Counter

from loaders.file_formats import Confidence, Detection, FileFormat

LINES_JUDGED = 50
"""Lines at the beginning that say what a file is."""

_CODE = r"ES[0-9]{16}[A-Z]{2}[0-9A-Z]{0,5}"
_STAMP = re.compile(r"[0-9]{4}/[0-9]{2}/[0-9]{2} [0-9]{2}:([0-9]{2})(?::[0-9]{2})?")
_SIMEL_LINE = re.compile(rf"({_CODE});(?:[0-9]{{1,2}};)?{_STAMP.pattern};")
_COEFFICIENT_LINE = re.compile(
    r"\s*[^;]{10,30};(?:[0-9]{1,5};)?\s*-?[0-9]{1,3}(?:[.,][0-9]{1,20})?\s*"
)
_HOUR_FIELD = re.compile(r"[^;]*;[0-9]{1,5};")
_NAME = re.compile(r"(F1|P1D?|P2D|P5D|F5D?|A5D|B5D|MEDIDAS)[_.-]", re.IGNORECASE)
_CUPS_LENGTH, _CIL_LENGTH = 22, 25

_F5_FAMILY = (
    FileFormat.SIMEL_F5D,
    FileFormat.SIMEL_F5,
    FileFormat.SIMEL_A5D,
    FileFormat.SIMEL_B5D,
)
_P1_FAMILY = (FileFormat.SIMEL_P1D, FileFormat.SIMEL_P1, FileFormat.SIMEL_P2D)


def detect_data_lines(name: str, lines: list[str]) -> Detection | None:
    """Tell a file without a header by the shape of its lines.

    Parameters
    ----------
    name : str
        Name of the file; it decides between formats of the same shape.
    lines : list of str
        The first lines, without blank ones; there is one at least.

    Returns
    -------
    Detection or None
        None when the lines are neither SIMEL's nor coefficients.
    """
    judged = lines[:LINES_JUDGED]
    if _SIMEL_LINE.match(judged[0]):
        return _detect_simel(name, judged)
    shaped = [line for line in judged if _COEFFICIENT_LINE.fullmatch(line)]
    if 2 * len(shaped) <= len(judged) or not shaped[0].lstrip().upper().startswith("ES"):
        return None
    n_hourly = sum(_HOUR_FIELD.match(line) is not None for line in shaped)
    if 2 * n_hourly > len(shaped):
        reason = "has lines of CUPS;hour;coefficient, as the distributor's hourly file"
        return Detection(FileFormat.DISTRIBUTOR_HOURLY, reason)
    reason = "has lines of CUPS;coefficient, as the distributor's file"
    return Detection(FileFormat.DISTRIBUTOR_CONSTANT, reason)


def _detect_simel(name: str, lines: list[str]) -> Detection:
    """Tell SIMEL's layouts apart by the kind of code, the place of the stamp and the fields."""
    fields = lines[0].rstrip().removesuffix(";").split(";")
    counts = Counter(line.rstrip().removesuffix(";").count(";") + 1 for line in lines)
    n_fields = counts.most_common(1)[0][0]
    stamp_is_second = _STAMP.fullmatch(fields[1]) is not None
    if stamp_is_second and len(fields[0]) == _CIL_LENGTH:
        return _simel(FileFormat.SIMEL_MEDIDAS, n_fields, "begin with a CIL")
    if stamp_is_second and n_fields == 5:
        return _simel(FileFormat.SIMEL_P5D, n_fields, "are CUPS, time, season and two energies")
    if stamp_is_second and 10 <= n_fields <= 14:
        return _choose_by_name(name, _F5_FAMILY, n_fields)
    if not stamp_is_second and 12 <= n_fields <= 14:
        return _simel(FileFormat.SIMEL_F1, n_fields, "have the kind of measure and no qualities")
    if not stamp_is_second and 20 <= n_fields <= 24:
        if _have_quarters(lines):
            return _simel(FileFormat.SIMEL_P2D, n_fields, "have qualities and quarter-hours")
        return _choose_by_name(name, _P1_FAMILY, n_fields)
    return Detection.none(f"has lines like SIMEL's, but {n_fields} fields are none of its layouts")


def _simel(form: FileFormat, n_fields: int, why: str) -> Detection:
    return Detection(form, f"has {n_fields} fields without a header, which {why}")


def _choose_by_name(name: str, family: tuple[FileFormat, ...], n_fields: int) -> Detection:
    """Choose among layouts of the same fields by the beginning of the file's name."""
    told = _NAME.match(name.replace("\\", "/").rsplit("/", 1)[-1])
    form = FileFormat(f"simel-{told[1].lower()}") if told else None
    shape = f"has {n_fields} fields without a header"
    if form in family:
        return Detection(form, f"{shape}, and its name begins with {form.short_name}")
    names = ", ".join(each.short_name for each in family)
    reason = f"{shape}, which {names} share; its name begins with none of them"
    return Detection(family[0], reason, Confidence.AMBIGUOUS, family[1:])


def _have_quarters(lines: list[str]) -> bool:
    stamps = (_STAMP.search(line) for line in lines)
    return any(stamp is not None and stamp[1] != "00" for stamp in stamps)
