"""What banks say of a file before they collect."""

import pytest

from loaders.decoding import UnreadableFileError
from loaders.sepa.message_nodes import FaultyMessageError
from loaders.sepa.pain002 import (
    BatchStatus,
    Outcome,
    Status,
    StatusReason,
    StatusReport,
    TransactionStatus,
    read_pain002,
)
from tests.support.sepa_messages import REJECTION, message, status_report


@pytest.mark.parametrize("version", ["03", "10", "14"])
def test_a_report_on_some_debits(version: str) -> None:
    body = REJECTION
    if version == "03":
        body = body.replace("<DrctDbtMndt>", "").replace("</DrctDbtMndt>", "")
    wrong = Status("RJCT", (StatusReason("AC01", "IBAN incorrecto"),))
    assert read_pain002(status_report(body, version=version)) == StatusReport(
        message_id="STS-1",
        original_message_id="REM-12",
        original_kind="pain.008.001.08",
        status=Status("PART", ()),
        batches=(
            BatchStatus(
                "REM-12-1",
                Status(None, ()),
                (
                    TransactionStatus("F2026-0003", "MND-0003", 1234, wrong),
                    TransactionStatus("F2026-0004", None, None, Status("ACCP", ())),
                ),
            ),
            BatchStatus(
                "REM-12-2",
                Status("RJCT", (StatusReason("X9", ""),)),
                (TransactionStatus("F2026-0009", None, None, Status(None, ())),),
            ),
        ),
    )


@pytest.mark.parametrize(
    ("batch", "debit", "outcome", "codes"),
    [
        ("REM-12-1", "F2026-0003", Outcome.REJECTED, ["AC01"]),
        ("REM-12-1", "F2026-0004", Outcome.ACCEPTED, []),
        ("REM-12-1", "F2026-0005", Outcome.PENDING, []),
        ("REM-12-2", "F2026-0009", Outcome.REJECTED, ["X9"]),
        ("REM-12-2", "F2026-0010", Outcome.REJECTED, ["X9"]),
        ("REM-12-3", "F2026-0003", Outcome.PENDING, []),
    ],
)
def test_what_holds_for_a_debit(batch: str, debit: str, outcome: Outcome, codes: list[str]) -> None:
    status = read_pain002(status_report(REJECTION)).status_of(batch, debit)
    assert status.outcome is outcome
    assert [reason.code for reason in status.reasons] == codes


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        ("ACTC", Outcome.ACCEPTED),
        ("ACSC", Outcome.ACCEPTED),
        ("RJCT", Outcome.REJECTED),
        ("PDNG", Outcome.PENDING),
        ("XXXX", Outcome.PENDING),
    ],
)
def test_what_is_said_of_a_whole_file_holds_for_each_debit(code: str, outcome: Outcome) -> None:
    reason = "<StsRsnInf><Rsn><Cd>FF01</Cd></Rsn></StsRsnInf>"
    body = f"<GrpSts>{code}</GrpSts>{reason}</OrgnlGrpInfAndSts>"
    status = read_pain002(status_report(body)).status_of("REM-12-1", "F2026-0001")
    assert status == Status(code, (StatusReason("FF01", ""),))
    assert status.outcome is outcome


def test_a_report_says_of_which_file_it_speaks() -> None:
    for body in ("", "<OrgnlGrpInfAndSts/>"):
        data = message("pain.002.001.10", f"<CstmrPmtStsRpt>{body}</CstmrPmtStsRpt>")
        with pytest.raises(FaultyMessageError, match="has no OrgnlGrpInfAndSts/OrgnlMsgId"):
            read_pain002(data)


def test_a_statement_is_no_report() -> None:
    with pytest.raises(UnreadableFileError, match=r"is a message camt\.053, not pain\.002"):
        read_pain002(message("camt.053.001.08", "<BkToCstmrStmt/>"))
