"""Renders the sharing agreement as a PDF to sign, with the coefficients of a distributor's file."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import orjson
import typst

from loaders.distributor_file import Millionths, UnfitCoefficientsError
from loaders.typst_pages import read_template, read_texts, wrap_words
from models.values.cau import Cau
from models.values.coefficient import MILLIONTHS, format_coefficient
from models.values.cups import Cups
from models.values.language import Language
from models.values.modality import Modality

LANGUAGES = (Language.SPANISH, Language.CATALAN)
"""Languages in which an agreement can be signed and sent to a distributor."""


@dataclass(frozen=True, slots=True)
class ShareOfHours:
    """What a participant's hourly coefficients come to.

    Attributes
    ----------
    least, mean, greatest : int
        Of the 8,760 hours [millionths].
    """

    least: int
    mean: int
    greatest: int


@dataclass(frozen=True, slots=True)
class Participant:
    """Who signs.

    Attributes
    ----------
    name : str
        Name, or code of the member.
    cups : Cups
        Supply point.
    share : int or ShareOfHours
        Constant coefficient [millionths], or what the hourly ones come to.
    """

    name: str
    cups: Cups
    share: int | ShareOfHours


@dataclass(frozen=True, slots=True)
class SharingAgreement:
    """What is agreed.

    Attributes
    ----------
    cau : Cau
        The installation.
    installation_name : str
        What people call it.
    power_w : int
        Installed power of its inverters [W] (RD 244/2019, article 3.h).
    modality : Modality
        That of all participants.
    participants : tuple of Participant
        In the order of the distributor's file; all with constant coefficients or all with hourly
        ones.
    file_name : str
        Name of the distributor's file.
    file_sha256 : str
        SHA-256 of that file, in hexadecimal digits.
    file_year : int
        Year of that file.
    dated_on : date
        Date that the document bears.
    """

    cau: Cau
    installation_name: str
    power_w: int
    modality: Modality
    participants: tuple[Participant, ...]
    file_name: str
    file_sha256: str
    file_year: int
    dated_on: date


def summarise_hours(millionths: Millionths) -> tuple[ShareOfHours, ...]:
    """Sum up every participant's hourly coefficients.

    Parameters
    ----------
    millionths : ndarray of int64, shape (n_members, n_hours)
        Coefficients that sum to one in every hour [millionths].

    Returns
    -------
    tuple of ShareOfHours, length n_members
        The means are rounded by largest remainder, so that they sum to one as well.

    Examples
    --------
    >>> summarise_hours(np.array([[500_000, 600_001], [500_000, 399_999]]))[0]
    ShareOfHours(least=500000, mean=550001, greatest=600001)
    """
    means, remainders = np.divmod(millionths.sum(axis=1), millionths.shape[1])
    missing = int(remainders.sum()) // millionths.shape[1]
    means[np.argsort(-remainders, kind="stable")[:missing]] += 1
    columns = (millionths.min(axis=1), means, millionths.max(axis=1))
    return tuple(ShareOfHours(*row) for row in np.stack(columns, axis=1).tolist())


def render_sharing_agreement(content: SharingAgreement, language: Language) -> bytes:
    """Render the agreement that all participants sign.

    Parameters
    ----------
    content : SharingAgreement
        What is agreed.
    language : Language
        Language of the document.

    Returns
    -------
    bytes
        A PDF, the same for the same content.

    Raises
    ------
    UnfitCoefficientsError
        If the coefficients do not sum to one, or some are constant and some hourly.
    InvalidDataError
        If a coefficient is not between zero and one.

    Notes
    -----
    RD 244/2019, article 4.3: every consumer sends the distributor the same agreement, signed by
    all; Annex I, as amended by TED/1247/2021: coefficients, and the day from which they hold.
    """
    return typst.compile(
        read_template(__package__),
        ignore_system_fonts=True,
        sys_inputs=gather_inputs(content, language),
    )


def gather_inputs(content: SharingAgreement, language: Language) -> dict[str, str]:
    """Put an agreement into the form in which the template reads it.

    Parameters
    ----------
    content : SharingAgreement
        What is agreed.
    language : Language
        Language of the document.

    Returns
    -------
    dict of str to str
        ``data``: JSON of the language's texts and of what is agreed.

    Raises
    ------
    UnfitCoefficientsError
        If the coefficients do not sum to one, or some are constant and some hourly.
    InvalidDataError
        If a coefficient is not between zero and one.
    """
    texts = read_texts(__package__, language)
    is_hourly = _tell_hourly(content)
    data = {
        "language": language.value,
        "texts": texts,
        "content": {
            "cau": content.cau,
            "is_hourly": is_hourly,
            "dated_on": {
                "year": content.dated_on.year,
                "month": content.dated_on.month,
                "day": content.dated_on.day,
            },
            "installation": _describe_installation(content, texts),
            "participants": [_describe_participant(each) for each in content.participants],
            "totals": ["", "1,000000", ""] if is_hourly else ["1,000000"],
            "file_name": content.file_name,
            "file_sha256": content.file_sha256,
        },
    }
    return {"data": orjson.dumps(data).decode()}


def _tell_hourly(content: SharingAgreement) -> bool:
    """Tell whether the coefficients are hourly; refuse those that cannot be agreed."""
    shares = [each.share for each in content.participants]
    constant = [share for share in shares if isinstance(share, int)]
    means = [share.mean for share in shares if isinstance(share, ShareOfHours)]
    total = sum(constant) + sum(means)
    if constant and means:
        raise UnfitCoefficientsError(content.cau, total, "are constant for some, hourly for others")
    if total != MILLIONTHS:
        reason = f"sum to {total} millionths, not {MILLIONTHS}"
        raise UnfitCoefficientsError(content.cau, total, reason)
    return bool(means)


def _describe_installation(
    content: SharingAgreement, texts: dict[str, Any]
) -> list[dict[str, str | bool]]:
    """List what identifies the installation, by the label of each."""
    day = content.dated_on
    values = {
        "name": wrap_words(content.installation_name),
        "cau": content.cau,
        "power": _write_power(content.power_w),
        "modality": texts["modalities"][content.modality],
        "n_participants": str(len(content.participants)),
        "year": str(content.file_year),
        "dated_on": texts["date"].format(day=day.day, month=day.month, year=day.year),
    }
    return [
        {"label": label, "value": value, "is_code": label == "cau"}
        for label, value in values.items()
    ]


def _write_power(power_w: int) -> str:
    """Write kilowatts with as many decimals as there are, so that none reads as thousands."""
    whole, watts = divmod(power_w, 1000)
    decimals = f"{watts:03d}".rstrip("0")
    return f"{whole:,}".replace(",", ".") + (f",{decimals}" if decimals else "") + " kW"


def _describe_participant(participant: Participant) -> dict[str, str | list[str]]:
    share = participant.share
    numbers = [share] if isinstance(share, int) else [share.least, share.mean, share.greatest]
    return {
        "name": wrap_words(participant.name),
        "cups": participant.cups,
        "shares": [format_coefficient(number, ",") for number in numbers],
    }
