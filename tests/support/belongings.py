"""One of everything that a promoter has, to see who else can reach it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from uuid import UUID

import pytest
from sqlmodel import select

from api.graphql.node import name_type, write_global_id
from api.secret_keys import load_keyring
from api.services.collection.create_debit_run import create_debit_run
from api.services.collection.prepare_debits import DebitRunWish
from api.services.collection.record_mandates import AccountWish, MandateWish, record_mandate
from api.services.collection.record_payment import PaymentWish, record_payment
from api.services.collection.set_creditor_account import CreditorAccountWish, set_creditor_account
from api.services.invoices.generate_invoice_files import QrTarget, generate_invoice_pdf
from models import tables
from models.session import read_session, write_session
from models.values.access import Role
from models.values.creditor_id import CreditorId
from models.values.iban import Iban
from models.values.ledger import PaymentMethod
from scripts.database.copy import copy_database
from tests.support.accounts_of_roles import add_account, sign_in_as
from tests.support.agreement_calls import do
from tests.support.api import ACCEPT, CAU, NOW, Api, FilledDatabase, bearer, serving
from tests.support.billing import add_billed_community
from tests.support.community_folders import make_cups
from tests.support.databases import DatabaseKind, Databases, opened
from tests.support.outbox import Outbox
from tests.support.reserve_pools import ask_study, community_id
from tests.support.sepa_messages import CREDITOR_ID, IBAN
from tests.support.sign_ups import open_page

STUDIES = [
    tables.VacancyFilling,
    tables.CandidateSuitability,
    tables.CapacitySharing,
    tables.MemberAssignment,
]


@dataclass(frozen=True)
class Belongings:
    """Global ids of one of everything that the owner has, and the files of some of them."""

    ids: dict[str, str]
    proposal: str
    agreement: str
    file: str
    invoice_file: str
    upload: str
    studies: list[UUID]


Owned = Callable[[DatabaseKind], FilledDatabase]


@pytest.fixture(scope="session")
def belongings_file(
    databases: Databases, filled_databases: Owned, tmp_path_factory: pytest.TempPathFactory
) -> tuple[FilledDatabase, Belongings]:
    """Give the owner one of everything, once, in a SQLite file."""
    filled, server = filled_databases(DatabaseKind.SQLITE), databases.server(DatabaseKind.SQLITE)
    url = databases.keep(DatabaseKind.SQLITE, server.copy(filled.url))
    folder = tmp_path_factory.mktemp("owned")
    with serving(filled, url, folder) as api:
        belongings = add_belongings(api)
    return replace(filled, url=url, data_dir=folder / "data"), belongings


@pytest.fixture(scope="session")
def owned(databases: Databases, belongings_file: tuple[FilledDatabase, Belongings]) -> Owned:
    """Hold a database of each kind in which the owner has one of everything."""
    filled, _ = belongings_file

    @cache
    def copy_to(kind: DatabaseKind) -> FilledDatabase:
        if kind is DatabaseKind.SQLITE:
            return filled
        url = databases.keep(kind, databases.server(kind).copy(databases.migrated(kind)))
        with opened(filled.url) as source, opened(url) as target:
            copy_database(source, target, lambda _share, _task: None)
        return replace(filled, url=url)

    return copy_to


@pytest.fixture(scope="session")
def belongings(belongings_file: tuple[FilledDatabase, Belongings]) -> Belongings:
    """Name what the owner has."""
    return belongings_file[1]


def add_belongings(api: Api) -> Belongings:
    """Give the owner a proposal, an agreement, studies, an upload and a job; list what it has."""
    proposal = api.propose(classes="MONTH")
    file = add_agreement(api, proposal)
    upload = api.client.request(
        "POST",
        "/uploads",
        content=b"PK",
        headers=bearer(api.own) | {"content-type": "application/zip"},
    ).json()["id"]
    add_studies(api)
    add_file_import(api)
    add_submission(api)
    add_message(api)
    add_contract(api)
    add_sign_up(api)
    account = add_account(api.engine, Role.MEMBER, members=["M1"], email="owned@vila.example")
    sign_in_as(api, account).ask("mutation { signOut { userErrors { code } } }")
    invoice_file = add_invoices(api)
    kinds = [
        tables.Community,
        tables.SelfConsumptionInstallation,
        tables.Member,
        tables.SupplyPoint,
        tables.ReserveApplication,
        tables.SignUp,
        tables.DistributionAgreement,
        tables.Filing,
        tables.AppliedCoefficient,
        tables.CoefficientProposal,
        tables.JobRun,
        tables.FileImport,
        tables.AgencySubmission,
        tables.OutboxMessage,
        tables.InvoiceIssuer,
        tables.Payer,
        tables.PaymentPlan,
        tables.PlanSubscription,
        tables.BillingRun,
        tables.Invoice,
        tables.Payment,
        tables.Mandate,
        tables.DebitRun,
        tables.ApiToken,
        tables.UserAccount,
        tables.AuditEntry,
        *STUDIES,
    ]
    with read_session(api.engine) as session:
        rows = {kind: session.exec(select(kind)).first() for kind in kinds}
    return Belongings(
        ids={name_type(kind): write_global_id(kind, row.id) for kind, row in rows.items()},
        proposal=str(rows[tables.CoefficientProposal].id),
        agreement=str(rows[tables.DistributionAgreement].id),
        file=file,
        invoice_file=invoice_file,
        upload=upload,
        studies=[rows[kind].id for kind in STUDIES],
    )


def add_agreement(api: Api, proposal: str) -> str:
    """Accept the proposal, file the agreement, apply it to one, and make a file of it."""
    accepted = api.ask(ACCEPT, input={"proposalId": proposal, "fileYear": 2024})
    agreement = accepted["acceptProposal"]["agreement"]["id"]
    do(api, "fileAgreement", agreementId=agreement, filedOn="2023-12-01")
    do(
        api,
        "recordApplication",
        agreementId=agreement,
        validFrom="2024-01-01",
        cups=[make_cups(1)],
    )
    kind = "DISTRIBUTOR_FILE"
    made = do(api, "generateAgreementFile", agreementId=agreement, kind=kind)
    return made["file"]["download"]


def add_studies(api: Api) -> None:
    """Ask for one study of each kind, and run them."""
    reserve = {"cups": make_cups(4)}
    plant = {"cau": CAU, "onDay": "2026-04-01"}
    for mutation, wish in {
        "fillVacancies": plant | {"what": {"vacancies": 1}},
        "candidateSuitability": plant | {"candidate": reserve},
        "shareExtraCapacity": plant | {"newKw": 12.0},
        "assignMembers": {"communityId": community_id(api, "test-1"), "onDay": "2026-04-01"},
    }.items():
        assert ask_study(api, mutation, **wish)["userErrors"] == []
    assert api.drain() == len(STUDIES)


def add_sign_up(api: Api) -> None:
    """Let somebody ask to join by the page of the community."""
    page = open_page(api)
    page.publish()
    page.sign_up()


def add_message(api: Api) -> None:
    """Queue an e-mail."""
    with read_session(api.engine) as session:
        community = session.exec(select(tables.Community)).one()
    Outbox(api.engine, community.promoter_id, NOW).queue()


def add_invoices(api: Api) -> str:
    """Issue invoices of another community, and make a document of one."""
    with read_session(api.engine) as session:
        community = session.exec(select(tables.Community)).one()
        promoter = session.get_one(tables.Promoter, community.promoter_id)
    billed = add_billed_community(api.engine, promoter, number=4)
    billed.issue()
    add_payment(api, billed.owner)
    add_debits(api, billed.owner, billed.stored.members[0].id)
    with write_session(api.engine) as session:
        keyring = load_keyring(api.settings)
        file = generate_invoice_pdf(
            session,
            promoter_id=billed.owner,
            invoice_id=session.exec(select(tables.Invoice.id)).first(),
            qr=QrTarget(),
            keyring=keyring,
            now=NOW,
        )
    return f"/invoice-files/{file.id}"


def add_payment(api: Api, owner: UUID) -> None:
    """Record money of nobody."""
    with write_session(api.engine) as session:
        wish = PaymentWish(
            issuer_id=session.exec(select(tables.InvoiceIssuer.id)).one(),
            amount_cents=100,
            received_on=NOW.date(),
            method=PaymentMethod.TRANSFER,
            source_key="k",
        )
        record_payment(
            session, promoter_id=owner, wish=wish, keyring=load_keyring(api.settings), now=NOW
        )


def add_debits(api: Api, owner: UUID, member_id: UUID) -> None:
    """Collect from a member by direct debit."""
    with write_session(api.engine) as session:
        issuer_id = session.exec(select(tables.InvoiceIssuer.id)).one()
        creditor = CreditorAccountWish(CreditorId(CREDITOR_ID), Iban(IBAN))
        sealing = {"promoter_id": owner, "keyring": load_keyring(api.settings)}
        set_creditor_account(session, issuer_id=issuer_id, wish=creditor, **sealing)
        used_on = date(2023, 10, 2)
        mandate = MandateWish(
            issuer_id=issuer_id,
            member_id=member_id,
            account=AccountWish("Ana", Iban(IBAN)),
            signed_on=used_on,
            last_used_on=used_on,
        )
        record_mandate(session, wish=mandate, now=NOW, **sealing)
        wish = DebitRunWish(issuer_id, date(2023, 12, 31))
        create_debit_run(session, wish=wish, idempotency_key="k", now=NOW, **sealing)


def add_file_import(api: Api) -> None:
    """Note that a community took in a file."""
    with write_session(api.engine) as session:
        community = session.exec(select(tables.Community)).first()
        session.add(
            tables.FileImport(
                promoter_id=community.promoter_id,
                community_id=community.id,
                subject=tables.ImportSubject.PRICES,
                format="price-table",
                file_name="prices.csv",
                sha256="0" * 64,
                options={},
                options_sha256="0" * 64,
                accepted_count=0,
                rejected_count=0,
                report={},
                created_at=NOW,
            )
        )


def add_contract(api: Api) -> None:
    """Record what a member agreed on with its retailer."""
    with write_session(api.engine) as session:
        point = session.exec(select(tables.SupplyPoint)).first()
        session.add(
            tables.RetailContract(
                promoter_id=point.promoter_id,
                supply_point_id=point.id,
                name="flat",
                valid_from=NOW.date(),
                document={},
                recorded_at=NOW,
            )
        )


def add_submission(api: Api) -> None:
    """Store what would be sent to the tax agency."""
    with write_session(api.engine) as session:
        session.add(
            tables.AgencySubmission(
                promoter_id=session.exec(select(tables.Community)).first().promoter_id,
                tax_number="F12345674",
                created_at=NOW,
                first_position=1,
                last_position=1,
                has_incident=False,
                content=b"<x/>",
                state=tables.SubmissionState.STORED,
            )
        )
