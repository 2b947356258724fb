"""Make the files of an agreement, and keep each as it is handed out: TXT and PDF.

The distributor's file is judged as the distributor would before it is kept; the sharing agreement
names the digest of that file. The same bytes again are the same file.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import numpy as np
from sqlmodel import Session

from api.services.agreements.agreement_shares import renumber_hours, summarise_hours
from api.services.agreements.file_profiles import check_profile
from api.services.agreements.find_agreement import take_agreement
from api.services.proposals.render_downloads import Download, UnknownChoiceError
from loaders.distributor_file import (
    format_constant_file,
    format_hourly_file,
    name_distributor_file,
)
from loaders.distributor_file_check import judge_distributor_lines
from loaders.distributor_file_faults import FileFault
from loaders.distributor_file_lines import parse_distributor_lines
from loaders.file_profile import DEFAULT_PROFILE, FileProfile, find_profile
from loaders.sharing_agreement import (
    LANGUAGES,
    Participant,
    ShareOfHours,
    SharingAgreement,
    render_sharing_agreement,
)
from models.repositories.agreements import group_coefficients
from models.repositories.communities import map_communities
from models.repositories.generated_files import find_generated_file, get_generated_file
from models.repositories.hourly_coefficients import group_hourly_coefficients
from models.repositories.installations import map_installations
from models.repositories.members import map_members
from models.repositories.supply_points import map_supply_points
from models.tables import (
    AgreementState,
    CoefficientMode,
    Community,
    DistributionAgreement,
    DistributionCoefficient,
    GeneratedFile,
    GeneratedKind,
    SelfConsumptionInstallation,
    SupplyPoint,
)
from models.values.calendar import local_day
from models.values.cau import Cau
from models.values.cups import Cups
from models.values.errors import ConflictError, InvalidDataError, NotFoundError
from models.values.language import Language

_HANDED_OUT = (AgreementState.DRAFT, AgreementState.PUBLISHED, AgreementState.SUPERSEDED)
_MEDIA_TYPES = {
    GeneratedKind.DISTRIBUTOR_FILE: "text/plain; charset=us-ascii",
    GeneratedKind.SHARING_AGREEMENT: "application/pdf",
}
_FAULTS_TOLD = 5


class UnknownFileError(NotFoundError):
    """There is no such file for this caller."""

    def __init__(self, file_id: UUID | None) -> None:
        super().__init__("there is no such file")
        self.file_id = file_id


class UnfitFileError(InvalidDataError):
    """The distributor would send the file back, so it is not handed out.

    Attributes
    ----------
    faults : tuple of FileFault
        Everything that is wrong with it.
    """

    def __init__(self, faults: Sequence[FileFault]) -> None:
        told = "; ".join(f"{fault.code.value}: {fault.message}" for fault in faults[:_FAULTS_TOLD])
        more = len(faults) - _FAULTS_TOLD
        rest = f"; and {more} more" if more > 0 else ""
        super().__init__(f"the distributor would send the file back: {told}{rest}")
        self.faults = tuple(faults)


class UnstatedModalityError(ConflictError):
    """The sharing agreement must name the modality of its plant, which is not known.

    Attributes
    ----------
    cau : str
        The plant.
    """

    def __init__(self, cau: str) -> None:
        super().__init__(
            f"the modality of {cau} is not known, and the agreement to sign must name it: set it"
        )
        self.cau = cau


def generate_distributor_file(
    session: Session,
    *,
    promoter_id: UUID,
    agreement_id: UUID,
    now: datetime,
    profile: str | None = None,
) -> GeneratedFile:
    """Write an agreement's coefficients as the distributor wants them, and keep the file.

    Parameters
    ----------
    session : Session
        Open writing transaction.
    promoter_id : UUID
        The tenant.
    agreement_id : UUID
        A draft, published or superseded agreement.
    now : datetime
        The present instant.
    profile : str, optional
        How to write it; the profile of the installation when None, else the recommended one.

    Returns
    -------
    GeneratedFile
        ``CAU_YYYY.txt``; the one that is kept already, if its bytes are the same.

    Raises
    ------
    UnknownChoiceError
        If there is no such profile.
    UnknownAgreementError
        If the caller has no such agreement.
    AgreementStateError
        If it was withdrawn or rejected.
    UnfitFileError
        If the distributor would send the file back; nothing is kept.
    UnfitCoefficientsError
        If the coefficients do not sum to one.
    """
    check_profile(profile)
    writer = _open_writer(session, promoter_id, agreement_id, now)
    return writer.keep_distributor_file(profile)


def generate_sharing_agreement(
    session: Session,
    *,
    promoter_id: UUID,
    agreement_id: UUID,
    language: str,
    now: datetime,
    profile: str | None = None,
) -> GeneratedFile:
    """Write the document that all members sign, and keep it with the file whose digest it names.

    Parameters
    ----------
    session : Session
        Open writing transaction.
    promoter_id : UUID
        The tenant.
    agreement_id : UUID
        A draft, published or superseded agreement.
    language : str
        ``es`` or ``ca``.
    now : datetime
        The present instant.
    profile : str, optional
        How the distributor's file is written; see ``generate_distributor_file``.

    Returns
    -------
    GeneratedFile
        A PDF that bears the day on which the agreement was drafted; the one that is kept already,
        if its bytes are the same.

    Raises
    ------
    UnknownChoiceError
        If there is no such language or profile.
    UnknownAgreementError
        If the caller has no such agreement.
    AgreementStateError
        If it was withdrawn or rejected.
    UnstatedModalityError
        If the modality of the plant is not known.
    UnfitFileError
        If the distributor would send the file back; nothing is kept.
    UnfitCoefficientsError
        If the coefficients do not sum to one.

    Notes
    -----
    RD 244/2019, article 4.3. Members are named by their code and CUPS.
    """
    if language not in LANGUAGES:
        raise UnknownChoiceError("language", language, LANGUAGES)
    check_profile(profile)
    writer = _open_writer(session, promoter_id, agreement_id, now)
    return writer.keep_sharing_agreement(Language(language), profile)


def download_generated_file(session: Session, *, promoter_id: UUID, file_id: UUID) -> Download:
    """Give a file as it was kept.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    file_id : UUID
        The file.

    Returns
    -------
    Download
        Under the name that it was kept with.

    Raises
    ------
    UnknownFileError
        If the caller has no such file.
    """
    file = get_generated_file(session, promoter_id=promoter_id, file_id=file_id)
    if file is None:
        raise UnknownFileError(file_id)
    return Download(file.file_name, _MEDIA_TYPES[file.kind], file.content)


@dataclass(frozen=True, slots=True, eq=False)
class _Writer:
    """One agreement with everything that stands in its files."""

    session: Session
    agreement: DistributionAgreement
    plant: SelfConsumptionInstallation
    community: Community
    rows: list[DistributionCoefficient]
    points: dict[UUID, SupplyPoint]
    now: datetime

    @property
    def cups(self) -> list[Cups]:
        """Who shares, in the order of the file."""
        return [Cups(self.points[row.supply_point_id].cups) for row in self.rows]

    def keep_distributor_file(self, profile: str | None) -> GeneratedFile:
        """Write the TXT, judge it, and keep it."""
        chosen = profile or self.plant.file_profile or DEFAULT_PROFILE.name
        cau, year = Cau(self.plant.cau), self.agreement.file_year
        name = name_distributor_file(cau, year)
        content = self._write_lines(cau, find_profile(chosen))
        lines = parse_distributor_lines(content)
        if faults := judge_distributor_lines(lines, name, members=self.cups, cau=cau):
            raise UnfitFileError(faults)
        return self._keep(GeneratedKind.DISTRIBUTOR_FILE, chosen, name, content)

    def keep_sharing_agreement(self, language: Language, profile: str | None) -> GeneratedFile:
        """Write the PDF and keep it."""
        if self.plant.modality is None:
            raise UnstatedModalityError(self.plant.cau)
        file = self.keep_distributor_file(profile)
        content = SharingAgreement(
            cau=Cau(self.plant.cau),
            installation_name=self.community.name,
            power_w=self.plant.inverter_power_w,
            modality=self.plant.modality,
            participants=self._list_participants(),
            file_name=file.file_name,
            file_sha256=file.sha256,
            file_year=self.agreement.file_year,
            dated_on=local_day(self.agreement.created_at, self.community.timezone),
        )
        name = f"{self.plant.cau}_{self.agreement.file_year}_{language.value}.pdf"
        rendered = render_sharing_agreement(content, language)
        return self._keep(GeneratedKind.SHARING_AGREEMENT, language.value, name, rendered)

    def _write_lines(self, cau: Cau, profile: FileProfile) -> bytes:
        year = self.agreement.file_year
        if self.agreement.mode is CoefficientMode.CONSTANT:
            shares = [row.millionths for row in self.rows]
            return format_constant_file(cau, year, self.cups, shares, profile)
        stored = group_hourly_coefficients(
            self.session,
            promoter_id=self.agreement.promoter_id,
            agreement_ids=[self.agreement.id],
        )[self.agreement.id]
        hours = renumber_hours(
            np.stack([stored[row.supply_point_id] for row in self.rows]),
            year=year,
            timezone=self.community.timezone,
            index=profile.hour_index,
        )
        return format_hourly_file(cau, year, self.cups, hours, profile)

    def _list_participants(self) -> tuple[Participant, ...]:
        """Name the members by their codes: no personal data is stored of them."""
        members = map_members(
            self.session,
            promoter_id=self.agreement.promoter_id,
            member_ids={point.member_id for point in self.points.values()},
        )
        hourly = {
            share.supply_point_id: ShareOfHours(share.least, share.mean, share.greatest)
            for share in summarise_hours(
                self.session,
                promoter_id=self.agreement.promoter_id,
                agreement_ids=[self.agreement.id],
            )[self.agreement.id]
        }
        return tuple(
            Participant(
                members[self.points[row.supply_point_id].member_id].code,
                cups,
                hourly.get(row.supply_point_id, row.millionths),
            )
            for row, cups in zip(self.rows, self.cups, strict=True)
        )

    def _keep(self, kind: GeneratedKind, variant: str, name: str, content: bytes) -> GeneratedFile:
        """Store a file, unless the same is stored already."""
        file = GeneratedFile(
            promoter_id=self.agreement.promoter_id,
            agreement_id=self.agreement.id,
            kind=kind,
            variant=variant,
            file_name=name,
            sha256=hashlib.sha256(content).hexdigest(),
            content=content,
            created_at=self.now,
        )
        stored = find_generated_file(self.session, file)
        if stored is not None:
            return stored
        self.session.add(file)
        self.session.flush()
        return file


def _open_writer(session: Session, promoter_id: UUID, agreement_id: UUID, now: datetime) -> _Writer:
    """Gather what stands in the files of an agreement, while nobody else changes it."""
    agreement = take_agreement(
        session,
        promoter_id=promoter_id,
        agreement_id=agreement_id,
        act="handed out",
        allowed=_HANDED_OUT,
    )
    key = agreement.installation_id
    plant = map_installations(session, promoter_id=promoter_id, installation_ids=[key])[key]
    communities = map_communities(
        session, promoter_id=promoter_id, community_ids=[plant.community_id]
    )
    rows = group_coefficients(session, promoter_id=promoter_id, agreement_ids=[agreement_id])
    ids = [row.supply_point_id for row in rows[agreement_id]]
    return _Writer(
        session=session,
        agreement=agreement,
        plant=plant,
        community=communities[plant.community_id],
        rows=rows[agreement_id],
        points=map_supply_points(session, promoter_id=promoter_id, supply_point_ids=ids),
        now=now,
    )
