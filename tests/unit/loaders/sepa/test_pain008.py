"""Direct debit files: valid by the official schemas, the same every time, read back exactly."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from loaders.sepa.business_days import add_business_days
from loaders.sepa.debit_faults import DebitFault, UnfitDebitsError
from loaders.sepa.direct_debits import ChangedText, DebitBatch, DirectDebit
from loaders.sepa.pain008 import UnfitMessageError, write_pain008
from models.values.direct_debits import PainVersion, SequenceType
from models.values.iban import Iban
from models.values.sepa_reference import SepaReference
from tests.support.sepa_messages import CREDITOR_ID, IBAN, build_creditor, build_debit, spanish_iban
from tests.support.shared_data import shared_data_folder

MESSAGE = SepaReference("REM-2026-12")
CREATED = datetime(2026, 11, 22, 3, 4, 5, 600_000, tzinfo=UTC)


def write(
    debits: Sequence[DirectDebit], version: PainVersion = PainVersion.V08, **changes: Any
) -> Any:
    creditor = build_creditor(**changes)
    return write_pain008(creditor, debits, message_id=MESSAGE, created_at=CREATED, version=version)


def schema_of(version: PainVersion) -> etree.XMLSchema:
    packaged = files("sepaxml").joinpath("schemas", f"{version}.xsd")
    return etree.XMLSchema(etree.fromstring(packaged.read_bytes()))


def parse(content: bytes, version: PainVersion) -> etree._Element:
    root = etree.fromstring(content)
    schema = schema_of(version)
    assert schema.validate(root), schema.error_log
    for element in root.iter():
        element.tag = etree.QName(element).localname
    return root


def texts(element: etree._Element, *paths: str) -> list[str | None]:
    return [element.findtext(path) for path in paths]


def read_debits(root: etree._Element) -> list[tuple[Any, ...]]:
    """Read all debits of a file, with the day and type of their batch."""
    return [
        (
            *texts(batch, "ReqdColltnDt", "PmtTpInf/SeqTp"),
            *texts(debit, "PmtId/EndToEndId", "DrctDbtTx/MndtRltdInf/MndtId"),
            *texts(debit, "DrctDbtTx/MndtRltdInf/DtOfSgntr", "InstdAmt", "Dbtr/Nm"),
            *texts(debit, "DbtrAcct/Id/IBAN", "RmtInf/Ustrd"),
            debit.find("InstdAmt").get("Ccy"),
        )
        for batch in root.iterfind("CstmrDrctDbtInitn/PmtInf")
        for debit in batch.iterfind("DrctDbtTxInf")
    ]


@pytest.mark.parametrize("version", PainVersion)
def test_a_file_says_what_is_collected(version: PainVersion) -> None:
    debits = [
        build_debit(1),
        build_debit(2, sequence=SequenceType.FIRST, amount_cents=5),
        build_debit(3, collect_on=date(2026, 12, 4), amount_cents=100_000),
        build_debit(4, amount_cents=66),
    ]
    file = write(debits, version)
    root = parse(file.content, version)
    header = root.find("CstmrDrctDbtInitn/GrpHdr")
    assert texts(header, "MsgId", "CreDtTm", "NbOfTxs", "CtrlSum", "InitgPty/Nm") == [
        "REM-2026-12",
        "2026-11-22T03:04:05Z",
        "4",
        "1013.05",
        "Comunitat Energetica del Turo",
    ]
    assert file.batches == (
        DebitBatch(
            SepaReference("REM-2026-12-1"), date(2026, 12, 4), SequenceType.RECURRING, 1, 100_000
        ),
        DebitBatch(SepaReference("REM-2026-12-2"), date(2026, 12, 7), SequenceType.FIRST, 1, 5),
        DebitBatch(
            SepaReference("REM-2026-12-3"), date(2026, 12, 7), SequenceType.RECURRING, 2, 1300
        ),
    )
    assert file.total_cents == 101_305
    batches = root.findall("CstmrDrctDbtInitn/PmtInf")
    assert [texts(each, "PmtInfId", "NbOfTxs", "CtrlSum") for each in batches] == [
        ["REM-2026-12-1", "1", "1000.00"],
        ["REM-2026-12-2", "1", "0.05"],
        ["REM-2026-12-3", "2", "13.00"],
    ]
    for batch in batches:
        assert texts(
            batch,
            "PmtMtd",
            "PmtTpInf/LclInstrm/Cd",
            "CdtrAcct/Id/IBAN",
            "CdtrSchmeId/Id/PrvtId/Othr/Id",
        ) == ["DD", "CORE", IBAN, CREDITOR_ID]
    assert read_debits(root)[0] == (
        *("2026-12-04", "RCUR", "F2026-0003", "MND-0003", "2026-02-03", "1000.00"),
        *("Maria Soler Vidal", spanish_iban(21000418, 3), "Factura F2026 noviembre", "EUR"),
    )
    assert file.changed_texts == ()


@pytest.mark.parametrize("version", PainVersion)
def test_files_are_valid_by_the_shared_schemas(version: PainVersion) -> None:
    folder: Path = shared_data_folder() / "formats" / "sepa"
    schema = etree.XMLSchema(file=str(folder / f"{version}.xsd"))
    content = write([build_debit(1), build_debit(2, sequence=SequenceType.FINAL)], version).content
    assert schema.validate(etree.fromstring(content)), schema.error_log


def test_the_same_arguments_make_the_same_bytes() -> None:
    debits = [build_debit(number) for number in range(1, 6)]
    first, second = write(debits), write(debits)
    assert first == second
    assert first.content.startswith(b"<?xml version='1.0' encoding='UTF-8'?>\n<Document")
    madrid = CREATED.astimezone(timezone(timedelta(hours=1)))
    elsewhere = write_pain008(build_creditor(), debits, message_id=MESSAGE, created_at=madrid)
    assert elsewhere.content == first.content


def test_the_bank_of_the_creditor_is_not_needed_since_2019() -> None:
    root = parse(write([build_debit()], bic=None).content, PainVersion.V08)
    agent = "CstmrDrctDbtInitn/PmtInf/CdtrAgt/FinInstnId/Othr/Id"
    assert root.findtext(agent) == "NOTPROVIDED"


def test_texts_that_were_changed_are_told() -> None:
    debit = build_debit(debtor_name="José Núñez", remittance="x" * 150)
    file = write([debit], name="Comunitat Energètica")
    assert file.changed_texts == (
        ChangedText("creditor", "name", "Comunitat Energètica", "Comunitat Energetica"),
        ChangedText("F2026-0001", "debtor_name", "José Núñez", "Jose Nunez"),
        ChangedText("F2026-0001", "remittance", "x" * 150, "x" * 140),
    )
    assert read_debits(parse(file.content, PainVersion.V08))[0][6:9:2] == ("Jose Nunez", "x" * 140)


def faults_of(debits: Sequence[DirectDebit], **changes: Any) -> list[tuple[str | None, str | None]]:
    with pytest.raises(UnfitDebitsError) as refusal:
        write(debits, **changes)
    return [(fault.place, fault.code) for fault in refusal.value.faults]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"amount_cents": 0}, DebitFault.AMOUNT),
        ({"amount_cents": -1}, DebitFault.AMOUNT),
        ({"amount_cents": 100_000_000_000}, DebitFault.AMOUNT),
        ({"debtor_name": "…"}, DebitFault.UNWRITABLE_TEXT),
        ({"remittance": "." * 140 + "A"}, DebitFault.UNWRITABLE_TEXT),
        ({"collect_on": date(2026, 12, 6)}, DebitFault.COLLECTION_DAY),
        ({"collect_on": date(2026, 12, 25)}, DebitFault.COLLECTION_DAY),
        ({"mandate_signed_on": date(2026, 12, 8)}, DebitFault.SIGNED_LATER),
        ({"iban": Iban("GB82WEST12345698765432")}, DebitFault.FOREIGN_ACCOUNT),
    ],
)
def test_a_debit_that_no_bank_would_collect(change: dict[str, Any], code: DebitFault) -> None:
    assert faults_of([build_debit(1), build_debit(2, **change)]) == [("F2026-0002", code)]


def test_all_faults_are_told_in_one_pass() -> None:
    debits = [
        build_debit(1, amount_cents=0, remittance=""),
        build_debit(2, end_to_end_id=SepaReference("F2026-0001")),
        build_debit(
            3, collect_on=date(2001, 1, 1), mandate_signed_on=date(2000, 1, 1), amount_cents=0
        ),
    ]
    assert faults_of(debits, name="", bic="caixesbb") == [
        ("creditor", DebitFault.UNWRITABLE_TEXT),
        ("creditor", DebitFault.BIC),
        ("F2026-0001", DebitFault.UNWRITABLE_TEXT),
        ("F2026-0001", DebitFault.AMOUNT),
        ("F2026-0001", DebitFault.REPEATED_REFERENCE),
        ("F2026-0003", DebitFault.AMOUNT),
        ("F2026-0003", DebitFault.COLLECTION_DAY),
    ]
    assert faults_of([]) == [(None, DebitFault.NO_DEBIT)]


def test_the_version_of_2009_needs_the_bank_of_the_creditor() -> None:
    found = faults_of([build_debit()], version=PainVersion.V02, bic=None)
    assert found == [("creditor", DebitFault.BIC)]


def test_too_many_debits_are_refused_before_they_are_looked_at() -> None:
    debits = [build_debit(amount_cents=0)] * 100_001
    assert faults_of(debits) == [(None, DebitFault.TOO_MANY_DEBITS)]


def test_many_faults_are_summed_up_in_the_message() -> None:
    with pytest.raises(UnfitDebitsError, match="and 5 more faults"):
        write([build_debit(number, amount_cents=0) for number in range(1, 26)])


def series(*parts: tuple[SequenceType, date]) -> list[DirectDebit]:
    """Build debits of one mandate."""
    return [
        build_debit(
            number,
            mandate_id=SepaReference("MND-1"),
            iban=Iban(IBAN),
            sequence=sequence,
            collect_on=day,
        )
        for number, (sequence, day) in enumerate(parts, 1)
    ]


EARLY, LATE = date(2026, 12, 4), date(2026, 12, 7)
FRST, RCUR, OOFF, FNAL = SequenceType


@pytest.mark.parametrize(
    ("parts", "wrong"),
    [
        ([(FRST, EARLY), (RCUR, LATE), (FNAL, LATE)], []),
        ([(RCUR, LATE), (FRST, EARLY)], []),
        ([(FRST, LATE), (RCUR, EARLY)], [1]),
        ([(FNAL, EARLY), (RCUR, LATE)], [1]),
        ([(FRST, EARLY), (FRST, LATE)], [1, 2]),
        ([(OOFF, EARLY), (RCUR, LATE)], [1]),
        ([(OOFF, EARLY)], []),
    ],
)
def test_collections_of_one_mandate_follow_in_order(
    parts: list[tuple[SequenceType, date]], wrong: list[int]
) -> None:
    debits = series(*parts)
    if not wrong:
        assert len(read_debits(parse(write(debits).content, PainVersion.V08))) == len(parts)
        return
    expected = [(f"F2026-{number:04}", DebitFault.SEQUENCE) for number in wrong]
    assert faults_of(debits) == expected


def test_a_mandate_has_one_account_and_one_day_of_signature() -> None:
    first, second = series((RCUR, EARLY), (RCUR, LATE))
    other = build_debit(3, mandate_id=first.mandate_id)
    assert faults_of([first, second, other]) == [("F2026-0003", DebitFault.MANDATE_DIFFERS)]


def test_a_file_needs_a_short_reference_and_an_aware_instant() -> None:
    for arguments, reason in (
        ({"message_id": SepaReference("x" * 29)}, "up to 28 characters"),
        ({"created_at": datetime(2026, 11, 22)}, "with its time zone"),  # noqa: DTZ001
    ):
        given_arguments: dict[str, Any] = {"message_id": MESSAGE, "created_at": CREATED}
        with pytest.raises(UnfitMessageError, match=reason):
            write_pain008(build_creditor(), [build_debit()], **{**given_arguments, **arguments})


REFERENCES = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9+?:().,'-]{0,33}[A-Za-z0-9]", fullmatch=True)
SEPA_TEXTS = st.from_regex(r"[A-Za-z0-9]([A-Za-z0-9+?:().,'-]| (?! )){0,60}[a-z]", fullmatch=True)


@st.composite
def debit_lists(draw: st.DrawFn) -> list[DirectDebit]:
    references = draw(st.lists(REFERENCES, min_size=1, max_size=8, unique=True))
    return [
        DirectDebit(
            end_to_end_id=SepaReference(reference),
            mandate_id=SepaReference(f"M{number}-{reference}"[:35]),
            mandate_signed_on=draw(st.dates(date(2015, 1, 1), date(2026, 1, 1))),
            debtor_name=draw(SEPA_TEXTS),
            iban=Iban(spanish_iban(draw(st.integers(0, 10**8 - 1)), number)),
            amount_cents=draw(st.integers(1, 99_999_999_999)),
            remittance=draw(SEPA_TEXTS),
            sequence=draw(st.sampled_from(SequenceType)),
            collect_on=add_business_days(draw(st.dates(date(2026, 12, 1), date(2026, 12, 31))), 0),
        )
        for number, reference in enumerate(references)
    ]


@settings(max_examples=60, deadline=None)
@given(debits=debit_lists(), version=st.sampled_from(PainVersion))
def test_what_was_written_is_read_back(debits: list[DirectDebit], version: PainVersion) -> None:
    file = write(debits, version)
    root = parse(file.content, version)
    order = list(SequenceType)
    expected = sorted(debits, key=lambda each: (each.collect_on, order.index(each.sequence)))
    assert read_debits(root) == [
        (
            *(str(each.collect_on), each.sequence, each.end_to_end_id, each.mandate_id),
            *(
                str(each.mandate_signed_on),
                f"{each.amount_cents // 100}.{each.amount_cents % 100:02}",
            ),
            *(each.debtor_name, each.iban.reveal(), each.remittance, "EUR"),
        )
        for each in expected
    ]
    total = sum(each.amount_cents for each in debits)
    assert file.total_cents == total
    assert file.changed_texts == ()
    assert root.findtext("CstmrDrctDbtInitn/GrpHdr/CtrlSum") == f"{total // 100}.{total % 100:02}"


@pytest.mark.parametrize("version", PainVersion)
def test_a_new_account_of_a_mandate_is_told_without_the_old_one(version: PainVersion) -> None:
    file = write([build_debit(1, is_amended=True), build_debit(2)], version)
    root = parse(file.content, version)
    paths = ("AmdmntInd", "AmdmntInfDtls/OrgnlDbtrAcct/Id/Othr/Id")
    told = [texts(each, *paths) for each in root.iter("MndtRltdInf")]
    assert told == [["true", "SMNDA"], [None, None]]
