import hashlib
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from sqlalchemy import text

from api.services.agreements.draft_agreement import draft_of_proposal
from api.services.agreements.find_agreement import AgreementStateError
from api.services.agreements.generate_agreement_files import (
    UnfitFileError,
    UnknownFileError,
    UnstatedModalityError,
    download_generated_file,
    generate_distributor_file,
    generate_sharing_agreement,
)
from api.services.agreements.publish_agreement import publish_agreement, withdraw_agreement
from api.services.proposals.render_downloads import UnknownChoiceError
from loaders.distributor_file import format_hourly_file
from loaders.distributor_file_reader import parse_distributor_file
from loaders.file_profile import find_profile
from loaders.sharing_agreement import (
    Participant,
    ShareOfHours,
    SharingAgreement,
    render_sharing_agreement,
)
from models.session import read_session, write_session
from models.tables import (
    CoefficientMode,
    DistributionCoefficient,
    GeneratedFile,
    GeneratedKind,
    SelfConsumptionInstallation,
    SupplyPoint,
)
from models.values.calendar import Step, clock_hours, file_hours, local_day
from models.values.cau import Cau
from models.values.coefficient import MILLIONTHS
from models.values.cups import Cups
from models.values.language import Language
from models.values.modality import Modality
from tests.support.agreements import NOW, agree, draft
from tests.support.imports import rows_of
from tests.support.stored_proposals import BY_HOUR

SHARES = (500_000, 300_000, 200_000)
MADRID = "Europe/Madrid"


def generate(engine, shared, agreement_id, use_case=generate_distributor_file, **options):
    with write_session(engine) as session:
        asked = {"promoter_id": shared.community.promoter_id, "agreement_id": agreement_id}
        return use_case(session, **(asked | {"now": NOW} | options))


def sign(engine, shared, agreement_id, language="es", **options):
    use_case = generate_sharing_agreement
    return generate(engine, shared, agreement_id, use_case, language=language, **options)


def set_modality(engine, shared, **changed):
    with write_session(engine) as session:
        plant = session.get_one(SelfConsumptionInstallation, shared.installation.id)
        plant.modality = Modality.COMPENSATED_SURPLUS
        for name, value in changed.items():
            setattr(plant, name, value)


def draft_hourly(engine, proposal, year):
    with write_session(engine) as session:
        return draft_of_proposal(
            session,
            promoter_id=proposal.promoter_id,
            proposal_id=proposal.id,
            file_year=year,
            now=NOW,
            mode=CoefficientMode.HOURLY,
        ).id


def test_the_same_bytes_are_the_same_file(engine, shared):
    with write_session(engine) as session:
        agreement_id = draft(session, shared, *SHARES)
    first = generate(engine, shared, agreement_id)
    with write_session(engine) as session:
        owner = shared.community.promoter_id
        publish_agreement(session, promoter_id=owner, agreement_id=agreement_id, now=NOW)
    again = generate(engine, shared, agreement_id, now=NOW + timedelta(days=400))
    assert (again.id, again.created_at) == (first.id, NOW)
    assert first.sha256 == hashlib.sha256(first.content).hexdigest()
    other = generate(engine, shared, agreement_id, profile="lf")
    assert (other.variant, other.content) == ("lf", first.content.replace(b"\r\n", b"\n"))
    assert len(rows_of(engine, GeneratedFile)) == 2


def test_the_profile_of_the_installation_is_used_unless_another_is_named(engine, shared):
    agreement_id = agree(engine, shared, *SHARES)
    set_modality(engine, shared, file_profile="crlf-open-end")
    assert generate(engine, shared, agreement_id).variant == "crlf-open-end"
    assert generate(engine, shared, agreement_id, profile="default").variant == "default"
    with pytest.raises(UnknownChoiceError, match="profile 'x' is none of default, real-time"):
        generate(engine, shared, agreement_id, profile="x")


@pytest.mark.parametrize("year", [2026, 2028])
@pytest.mark.parametrize("profile", ["default", "real-time-hours", "lf-open-end-by-supply"])
def test_hours_are_numbered_as_the_profile_says(engine, shared, proposal, year, profile):
    agreement_id = draft_hourly(engine, proposal, year)
    file = generate(engine, shared, agreement_id, profile=profile)
    read = parse_distributor_file(file.file_name, file.content)
    assert list(read.cups) == [point.cups for point in shared.points]
    index = find_profile(profile).hour_index
    passing = read.millionths[:, file_hours(year, MADRID, Step.HOUR, index)]
    hour_of_day = clock_hours(year, MADRID, Step.HOUR) % 24
    np.testing.assert_array_equal(passing, BY_HOUR[:, hour_of_day])


def test_an_hourly_file_is_the_writers_own(engine, shared, proposal):
    file = generate(engine, shared, draft_hourly(engine, proposal, 2026))
    cups = [Cups(point.cups) for point in shared.points]
    expected = format_hourly_file(Cau(shared.installation.cau), 2026, cups, np.tile(BY_HOUR, 365))
    assert file.content == expected


@pytest.mark.parametrize("language", ["es", "ca"])
def test_the_document_names_members_coefficients_and_the_digest(engine, shared, language):
    set_modality(engine, shared)
    agreement_id = agree(engine, shared, *SHARES)
    paper = sign(engine, shared, agreement_id, language)
    (file,) = rows_of(engine, GeneratedFile, GeneratedFile.kind == GeneratedKind.DISTRIBUTOR_FILE)
    content = describe(shared, file, SHARES)
    assert paper.content == render_sharing_agreement(content, Language(language))
    assert paper.file_name == f"{shared.installation.cau}_2026_{language}.pdf"
    assert sign(engine, shared, agreement_id, language, now=NOW + timedelta(days=9)).id == paper.id
    assert paper.variant == language


def test_the_document_sums_hours_up(engine, shared, proposal):
    set_modality(engine, shared)
    agreement_id = draft_hourly(engine, proposal, 2026)
    paper = sign(engine, shared, agreement_id)
    (file,) = rows_of(engine, GeneratedFile, GeneratedFile.kind == GeneratedKind.DISTRIBUTOR_FILE)
    means = [
        row.millionths
        for row in sorted(rows_of(engine, DistributionCoefficient), key=lambda row: row.position)
    ]
    assert sum(means) == MILLIONTHS
    shares = [
        ShareOfHours(int(row.min()), mean, int(row.max()))
        for row, mean in zip(BY_HOUR, means, strict=True)
    ]
    content = describe(shared, file, shares)
    assert paper.content == render_sharing_agreement(content, Language.SPANISH)


def describe(shared, file, shares):
    return SharingAgreement(
        cau=Cau(shared.installation.cau),
        installation_name=shared.community.name,
        power_w=shared.installation.inverter_power_w,
        modality=Modality.COMPENSATED_SURPLUS,
        participants=tuple(
            Participant(member.code, Cups(point.cups), share)
            for member, point, share in zip(shared.members, shared.points, shares, strict=True)
        ),
        file_name=file.file_name,
        file_sha256=file.sha256,
        file_year=2026,
        dated_on=local_day(NOW, MADRID),
    )


def test_a_document_needs_the_modality_and_a_known_language(engine, shared):
    agreement_id = agree(engine, shared, *SHARES)
    with pytest.raises(UnstatedModalityError) as caught:
        sign(engine, shared, agreement_id)
    assert caught.value.cau == shared.installation.cau
    with pytest.raises(UnknownChoiceError, match="language 'en' is none of es, ca"):
        sign(engine, shared, agreement_id, "en")
    assert rows_of(engine, GeneratedFile) == []


def test_a_closed_draft_is_not_handed_out(engine, shared):
    with write_session(engine) as session:
        agreement_id = draft(session, shared, *SHARES)
        owner = shared.community.promoter_id
        withdraw_agreement(
            session, promoter_id=owner, agreement_id=agreement_id, reason="x", now=NOW
        )
    with pytest.raises(AgreementStateError, match="handed out"):
        generate(engine, shared, agreement_id)


def test_what_the_distributor_would_send_back_is_not_kept(engine, shared):
    with write_session(engine) as session:
        point = session.get_one(SupplyPoint, shared.points[1].id)
        point.cups = point.cups[:20]
    agreement_id = agree(engine, reload(engine, shared), *SHARES)
    with pytest.raises(UnfitFileError, match="would send the file back: cups_length: ") as caught:
        generate(engine, shared, agreement_id)
    assert [(fault.line, fault.code.value) for fault in caught.value.faults] == [(2, "cups_length")]
    assert rows_of(engine, GeneratedFile) == []


def reload(engine, shared):
    with read_session(engine) as session:
        points = [session.get_one(SupplyPoint, point.id) for point in shared.points]
    return replace(shared, points=points)


def test_a_file_is_kept_for_good_and_for_its_owner_alone(engine, shared, other_promoter):
    file = generate(engine, shared, agree(engine, shared, *SHARES))
    owner = shared.community.promoter_id
    with read_session(engine) as session:
        download = download_generated_file(session, promoter_id=owner, file_id=file.id)
        assert (download.name, download.content) == (file.file_name, file.content)
        with pytest.raises(UnknownFileError):
            download_generated_file(session, promoter_id=other_promoter.id, file_id=file.id)
    for statement in ("DELETE FROM generated_file", "UPDATE generated_file SET variant = 'x'"):
        with pytest.raises(Exception, match="never changed"), write_session(engine) as session:
            session.connection().execute(text(statement))
    assert len(rows_of(engine, GeneratedFile)) == 1
