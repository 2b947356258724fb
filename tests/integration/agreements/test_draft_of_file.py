"""Drafts of files, and of one upload that several callers draft at once."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from sqlmodel import select

from api.services.agreements.draft_agreement import CoefficientTableError
from api.services.agreements.draft_of_file import (
    draft_of_file,
    draft_of_upload,
    read_uploaded_coefficients,
)
from api.services.agreements.stated_coefficients import read_stated_coefficients
from api.services.communities.find_plant import UnknownInstallationError
from api.services.file_imports.find_upload import remove_used_upload
from api.services.file_imports.store_upload import upload_path
from api.services.jobs.request_upload_job import UnknownUploadError
from loaders.archived_files import NamedFile
from loaders.distributor_file import (
    format_constant_file,
    format_hourly_file,
    name_distributor_file,
)
from models.repositories.hourly_coefficients import group_hourly_coefficients
from models.session import read_session, write_session
from models.tables import CoefficientMode, DistributionAgreement, Upload
from models.values.errors import ConflictError
from tests.support.agreements import NOW
from tests.support.community_folders import make_cau
from tests.support.distributor_files import draw_shares
from tests.support.jobs import send

SHARES = [600_000, 300_000, 100_000]


def state(shared, content, cau=None):
    cau = cau or shared.installation.cau
    return read_stated_coefficients(NamedFile(name_distributor_file(cau, 2027), content))


def constant(shared, shares=SHARES, n_points=3):
    cups = [point.cups for point in shared.points][:n_points]
    return format_constant_file(shared.installation.cau, 2027, cups, shares)


def draft(engine, shared, stated):
    with write_session(engine) as session:
        owner = shared.community.promoter_id
        return draft_of_file(session, promoter_id=owner, stated=stated, now=NOW)


def test_an_hourly_file_keeps_every_hour(engine, shared):
    hours = draw_shares(3, seed=2)
    cups = [point.cups for point in shared.points]
    content = format_hourly_file(shared.installation.cau, 2027, cups[::-1], hours[::-1])
    agreement = draft(engine, shared, state(shared, content))
    assert (agreement.mode, agreement.file_year) == (CoefficientMode.HOURLY, 2027)
    with read_session(engine) as session:
        kept = group_hourly_coefficients(
            session, promoter_id=agreement.promoter_id, agreement_ids=[agreement.id]
        )[agreement.id]
    np.testing.assert_array_equal(np.stack([kept[point.id] for point in shared.points]), hours)


def test_what_does_not_fit_the_plant_is_refused(engine, shared):
    with pytest.raises(CoefficientTableError) as caught:
        draft(engine, shared, state(shared, constant(shared, [400_000, 600_000], n_points=2)))
    assert caught.value.missing == (shared.points[2].cups,)
    with pytest.raises(UnknownInstallationError):
        draft(engine, shared, state(shared, constant(shared), cau=make_cau(9)))
    with read_session(engine) as session:
        assert session.exec(select(DistributionAgreement)).all() == []


@pytest.fixture
def asked(engine, shared, tmp_path):
    """Keep a distributor's file as an upload, and say how it is named to a use case."""
    owner = shared.community.promoter_id
    name = name_distributor_file(shared.installation.cau, 2027)
    upload_id = send(engine, owner, tmp_path, name, constant(shared))
    return {"promoter_id": owner, "upload_id": upload_id, "data_dir": tmp_path}


def read(engine, asked, **options):
    with read_session(engine) as session:
        told = {"installation": None, "file_year": 2027} | options
        return read_uploaded_coefficients(session, **asked, **told)


def test_an_upload_that_several_draft_at_once_is_drafted_once(engine, asked):
    stated = read(engine, asked)

    def draft_again(_):
        try:
            with write_session(engine) as session:
                draft_of_upload(session, stated=stated, now=NOW, **asked)
        except (UnknownUploadError, ConflictError):
            return 0
        return 1

    with ThreadPoolExecutor(4) as callers:
        assert sum(callers.map(draft_again, range(4))) == 1
    with read_session(engine) as session:
        assert len(session.exec(select(DistributionAgreement)).all()) == 1
        assert session.exec(select(Upload)).all() == []
    assert list((asked["data_dir"] / "uploads").iterdir()) == []


def test_what_has_served_cannot_serve_again(engine, asked):
    path = upload_path(asked["data_dir"], asked["upload_id"])
    with write_session(engine) as session:
        remove_used_upload(session, upload_id=asked["upload_id"], path=path)
        with pytest.raises(UnknownUploadError):
            remove_used_upload(session, upload_id=asked["upload_id"], path=path)
    assert not path.exists()


def test_a_draft_that_fails_keeps_the_upload(engine, shared, asked):
    stated = state(shared, constant(shared, [1_000_000], n_points=1))
    with pytest.raises(CoefficientTableError), write_session(engine) as session:
        draft_of_upload(session, stated=stated, now=NOW, **asked)
    assert read(engine, asked).millionths[shared.points[0].cups] == SHARES[0]


def test_an_upload_of_another_is_not_there(engine, other_promoter, asked):
    with pytest.raises(UnknownUploadError):
        read(engine, asked | {"promoter_id": other_promoter.id})
