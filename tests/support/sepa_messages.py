"""Accounts, debits and banks' messages, as real ones look, with invented people."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from loaders.sepa.direct_debits import Creditor, DirectDebit
from models.values.creditor_id import CreditorId
from models.values.direct_debits import SequenceType
from models.values.iban import Iban
from models.values.sepa_reference import SepaReference

IBAN = "ES9121000418450200051332"
CREDITOR_ID = "ES23ZZZ47690558N"
_WEIGHTS = (1, 2, 4, 8, 5, 10, 9, 7, 3, 6)


def spanish_iban(bank: int, account: int) -> str:
    """Build a Spanish account by the rules themselves: weights modulo 11, then modulo 97."""
    branch, number = f"00{bank:08}", f"{account:010}"
    ccc = f"{bank:08}{_check_digit(branch)}{_check_digit(number)}{number}"
    return f"ES{98 - int(ccc + '142800') % 97:02}{ccc}"  # E is 14, S is 28


def _check_digit(digits: str) -> int:
    left = 11 - sum(int(each) * weight for each, weight in zip(digits, _WEIGHTS, strict=True)) % 11
    return {10: 1, 11: 0}.get(left, left)


def build_creditor(**changes: Any) -> Creditor:
    """Build who collects."""
    fields: dict[str, Any] = {
        "name": "Comunitat Energetica del Turo",
        "iban": Iban(IBAN),
        "creditor_id": CreditorId(CREDITOR_ID),
        "bic": "CAIXESBBXXX",
    }
    return Creditor(**{**fields, **changes})


def build_debit(number: int = 1, **changes: Any) -> DirectDebit:
    """Build a sound debit; each number has its own payer and mandate."""
    fields: dict[str, Any] = {
        "end_to_end_id": SepaReference(f"F2026-{number:04}"),
        "mandate_id": SepaReference(f"MND-{number:04}"),
        "mandate_signed_on": date(2026, 2, 3),
        "debtor_name": "Maria Soler Vidal",
        "iban": Iban(spanish_iban(21000418, number)),
        "amount_cents": 1234,
        "remittance": "Factura F2026 noviembre",
        "sequence": SequenceType.RECURRING,
        "collect_on": date(2026, 12, 7),
    }
    return DirectDebit(**{**fields, **changes})


def message(kind: str, body: str) -> bytes:
    """Put the body of a message into its document."""
    space = f"urn:iso:std:iso:20022:tech:xsd:{kind}"
    head = '<?xml version="1.0" encoding="UTF-8"?>'
    return f'{head}\n<Document xmlns="{space}">{body}</Document>\n'.encode()


def balance(code: str, amount: str, sign: str = "CRDT", currency: str = "EUR") -> str:
    """Write a balance of a statement."""
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp>"
        f'<Amt Ccy="{currency}">{amount}</Amt><CdtDbtInd>{sign}</CdtDbtInd>'
        f"<Dt><Dt>2026-12-09</Dt></Dt></Bal>"
    )


def entry(
    amount: str,
    sign: str = "CRDT",
    details: str = "",
    *,
    status: str = "<Cd>BOOK</Cd>",
    more: str = "",
    currency: str = "EUR",
) -> str:
    """Write an entry of a statement."""
    return (
        f'<Ntry><NtryRef>1</NtryRef><Amt Ccy="{currency}">{amount}</Amt>'
        f"<CdtDbtInd>{sign}</CdtDbtInd><Sts>{status}</Sts>"
        f"<BookgDt><Dt>2026-12-09</Dt></BookgDt><ValDt><Dt>2026-12-10</Dt></ValDt>{more}"
        f"<NtryDtls>{details}</NtryDtls></Ntry>\n"
    )


def statement(
    entries: Sequence[str], balances: Sequence[str] = (), *, version: str = "08", account: str = ""
) -> bytes:
    """Write a camt.053 with one statement."""
    own = account or f"<Acct><Id><IBAN>{IBAN}</IBAN></Id><Ccy>EUR</Ccy></Acct>"
    return message(
        f"camt.053.001.{version}",
        "<BkToCstmrStmt><GrpHdr><MsgId>M1</MsgId><CreDtTm>2026-12-10T02:00:00</CreDtTm></GrpHdr>\n"
        f"<Stmt><Id>2026-12-09/1</Id>{own}{''.join(balances)}\n{''.join(entries)}</Stmt>"
        "</BkToCstmrStmt>",
    )


RETURNED = """<TxDtls>
<Refs><MsgId>RET-77</MsgId><PmtInfId>REM-12-1</PmtInfId><EndToEndId>F2026-0007</EndToEndId>
<TxId>BANK-1</TxId><MndtId>MND-0007</MndtId></Refs>
<Amt Ccy="EUR">51.21</Amt><CdtDbtInd>DBIT</CdtDbtInd>
<AmtDtls><InstdAmt><Amt Ccy="EUR">50.00</Amt></InstdAmt></AmtDtls>
<RltdPties><Dbtr><Pty><Nm>Maria  Soler
Vidal</Nm></Pty></Dbtr><DbtrAcct><Id><IBAN>ES9121000418450200051332</IBAN></Id></DbtrAcct>
<Cdtr><Pty><Nm>Comunitat</Nm></Pty></Cdtr></RltdPties>
<RmtInf><Ustrd>Factura F2026-0007</Ustrd><Ustrd>noviembre</Ustrd></RmtInf>
<RtrInf><Rsn><Cd>AM04</Cd></Rsn><AddtlInf>SALDO INSUFICIENTE</AddtlInf></RtrInf>
</TxDtls>"""

RETURNED_OF_2009 = """<TxDtls>
<Refs><EndToEndId>F2026-0008</EndToEndId><MndtId>MND-0008</MndtId></Refs>
<AmtDtls><TxAmt><Amt Ccy="EUR">20.00</Amt></TxAmt></AmtDtls>
<RltdPties><Dbtr><Nm>Joan Roca</Nm></Dbtr><DbtrAcct><Id><IBAN>ES91****1332</IBAN></Id></DbtrAcct>
</RltdPties><RtrInf><Rsn><Cd>MD01</Cd></Rsn></RtrInf></TxDtls>"""

BATCH = (
    "<Btch><MsgId>REM-12</MsgId><PmtInfId>REM-12-1</PmtInfId><NbOfTxs>40</NbOfTxs>"
    '<TtlAmt Ccy="EUR">493.60</TtlAmt><CdtDbtInd>CRDT</CdtDbtInd></Btch>'
)

TRANSFER = """<TxDtls><Refs><EndToEndId>NOTPROVIDED</EndToEndId></Refs>
<RltdPties><Dbtr><Pty><Nm>Pau Ferrer</Nm></Pty></Dbtr></RltdPties>
<RmtInf><Strd><CdtrRefInf><Ref>RF18539007547034</Ref></CdtrRefInf></Strd></RmtInf></TxDtls>"""


def full_statement(version: str = "08") -> bytes:
    """Write a day with a batch, a return, a transfer and an entry that is only expected."""
    code = (
        "<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>IDDT</Cd><SubFmlyCd>UPDD</SubFmlyCd></Fmly></Domn>"
        "</BkTxCd>"
    )
    is_old = version == "02"
    status = "BOOK" if is_old else "<Cd>BOOK</Cd>"
    returned = RETURNED_OF_2009 if is_old else RETURNED
    return statement(
        [
            entry("493.60", details=BATCH, status=status, more="<AcctSvcrRef>A1</AcctSvcrRef>"),
            entry(
                "20.00" if is_old else "51.21", "DBIT", details=returned, status=status, more=code
            ),
            entry("12.34", details=TRANSFER, status=status),
            entry("99.99", status="PDNG" if is_old else "<Cd>PDNG</Cd>"),
        ],
        [
            balance("OPBD", "100.00", "DBIT"),
            balance("CLBD", "385.94" if is_old else "354.73"),
            balance("CLAV", "1.00"),
        ],
        version=version,
    )


def status_report(body: str, *, version: str = "10") -> bytes:
    """Write a pain.002 on the file REM-12."""
    return message(
        f"pain.002.001.{version}",
        "<CstmrPmtStsRpt><GrpHdr><MsgId>STS-1</MsgId></GrpHdr><OrgnlGrpInfAndSts>"
        "<OrgnlMsgId>REM-12</OrgnlMsgId><OrgnlMsgNmId>pain.008.001.08</OrgnlMsgNmId>"
        f"{body}</CstmrPmtStsRpt>",
    )


REJECTION = """<GrpSts>PART</GrpSts></OrgnlGrpInfAndSts>
<OrgnlPmtInfAndSts><OrgnlPmtInfId>REM-12-1</OrgnlPmtInfId>
<TxInfAndSts><OrgnlEndToEndId>F2026-0003</OrgnlEndToEndId><TxSts>RJCT</TxSts>
<StsRsnInf><Rsn><Cd>AC01</Cd></Rsn><AddtlInf>IBAN</AddtlInf><AddtlInf>incorrecto</AddtlInf></StsRsnInf>
<OrgnlTxRef><Amt><InstdAmt Ccy="EUR">12.34</InstdAmt></Amt>
<MndtRltdInf><DrctDbtMndt><MndtId>MND-0003</MndtId></DrctDbtMndt></MndtRltdInf></OrgnlTxRef>
</TxInfAndSts>
<TxInfAndSts><OrgnlEndToEndId>F2026-0004</OrgnlEndToEndId><TxSts>ACCP</TxSts></TxInfAndSts>
</OrgnlPmtInfAndSts>
<OrgnlPmtInfAndSts><OrgnlPmtInfId>REM-12-2</OrgnlPmtInfId><PmtInfSts>RJCT</PmtInfSts>
<StsRsnInf><Rsn><Prtry>X9</Prtry></Rsn></StsRsnInf>
<TxInfAndSts><OrgnlEndToEndId>F2026-0009</OrgnlEndToEndId></TxInfAndSts></OrgnlPmtInfAndSts>"""

MOVEMENTS = """Movimientos de la cuenta;;;
;;;
Fecha;Fecha valor;Concepto;Importe;Saldo
09/12/2026;10/12/2026;RECIBO  Nº 12;-1.051,21 €;354,73
07/12/2026;07/12/2026;REMESA REM-12;1.493,60;1.405,94

05/12/2026;;COMISIÓN;-0,5;-87,66
"""
