"""What tests ask of the API about agreements."""

from typing import Any

from tests.support.api import CAU, Api
from tests.support.community_folders import make_cups
from tests.support.proposals import nodes

ERRORS = "userErrors { __typename code message path }"
CUPS = [make_cups(number) for number in (1, 2, 3)]
"""Those who share in the stored plant, in the order of the list."""

FILED, HOLDS = "2023-02-08", "2023-03-01"
"""A day of filing, and the first day on which what is filed then can hold."""

SHARES = ("0.5", "0.3", "0.2")

AGREED = "agreement { id state mode fileYear publishedAt closedAt closedBecause }"
_PAYLOADS = {
    "draftAgreement": ("DraftAgreementInput", AGREED),
    "publishAgreement": ("AgreementInput", AGREED),
    "withdrawAgreement": ("CloseAgreementInput", AGREED),
    "rejectAgreement": ("CloseAgreementInput", AGREED),
    "generateAgreementFile": (
        "GenerateAgreementFileInput",
        "file { kind variant fileName sha256 sizeBytes createdAt download }",
    ),
    "fileAgreement": (
        "FileAgreementInput",
        """filing { id state filedOn agreement { id } } firstDayOn
        findings { edges { node { code severity article message } } }""",
    ),
    "answerFiling": (
        "AnswerFilingInput",
        "filing { state filedOn answeredOn refusedBecause }",
    ),
    "recordApplication": (
        "RecordApplicationInput",
        "agreement { applied { edges { node { id validFrom validUntil supplyPoint { cups } } } } }",
    ),
    "correctApplication": (
        "CorrectApplicationInput",
        "applied { edges { node { id validFrom validUntil } } }",
    ),
    "endApplication": (
        "EndApplicationInput",
        "applied { edges { node { validFrom validUntil } } }",
    ),
    "removeApplication": ("RemoveApplicationInput", "applied { totalCount }"),
    "setInstallationDetails": (
        "SetInstallationDetailsInput",
        "installation { modality isInternal fileProfile lat lon }",
    ),
    "setMembershipModality": (
        "SetMembershipModalityInput",
        "installation { memberships { edges { node { modality } } } }",
    ),
    "allocateMonths": ("AllocateMonthsInput", "job { id kind state }"),
}
MUTATIONS = tuple(_PAYLOADS)


def call(api: Api, mutation: str, *, token: str | None = None, **given: Any) -> dict[str, Any]:
    """Call a mutation and give its payload."""
    kind, selection = _PAYLOADS[mutation]
    query = f"""mutation ($input: {kind}!) {{
      {mutation}(input: $input) {{ {selection} {ERRORS} }}
    }}"""
    return api.ask(query, token=token, input=given)[mutation]


def do(api: Api, mutation: str, **given: Any) -> dict[str, Any]:
    """Call a mutation that must succeed."""
    payload = call(api, mutation, **given)
    assert payload["userErrors"] == []
    return payload


def refuse(api: Api, mutation: str, **given: Any) -> tuple[str, str, str]:
    """Call a mutation that must fail once, and give code, path and message of its error."""
    payload = call(api, mutation, **given)
    (error,) = payload["userErrors"]
    assert [value for name, value in payload.items() if name in ("agreement", "filing", "job")] in (
        [None],
        [],
    )
    return error["code"], ".".join(error["path"]), error["message"]


def table(*shares: str) -> dict[str, Any]:
    """Give the source of a draft: these coefficients of those who share."""
    rows = [{"cups": cups, "coefficient": share} for cups, share in zip(CUPS, shares, strict=True)]
    return {"table": {"cau": CAU, "coefficients": rows}}


def draft(api: Api, *shares: str, year: int = 2023) -> str:
    """Draft an agreement of these coefficients, and give its global id."""
    made = do(api, "draftAgreement", fileYear=year, source=table(*shares))
    return made["agreement"]["id"]


def publish(api: Api, *shares: str, year: int = 2023) -> str:
    """Publish an agreement of these coefficients, and give its global id."""
    agreement = draft(api, *shares, year=year)
    do(api, "publishAgreement", agreementId=agreement)
    return agreement


def read(api: Api, agreement: str, selection: str, **variables: Any) -> dict[str, Any]:
    """Read an agreement."""
    query = f"""query ($id: ID!) {{ node(id: $id) {{
      ... on DistributionAgreement {{ {selection} }} }} }}"""
    return api.ask(query, id=agreement, **variables)["node"]


def codes(payload: dict[str, Any]) -> set[tuple[str, str]]:
    """Tell what the rules found, and how grave it is."""
    return {(each["code"], each["severity"]) for each in nodes(payload["findings"])}


def applied(api: Api, agreement: str) -> list[dict[str, Any]]:
    """Read who has an agreement applied on which days, in the order of the file."""
    asked = "applied { edges { node { id validFrom validUntil supplyPoint { cups } } } }"
    return nodes(read(api, agreement, asked)["applied"])


def spans(rows: list[dict[str, Any]]) -> list[tuple[int, str, str | None]]:
    """Give periods by the place of the supply point in the list."""
    return [
        (CUPS.index(row["supplyPoint"]["cups"]), row["validFrom"], row["validUntil"])
        for row in rows
    ]
