"""Send files as a caller does, and read what became of them."""

from typing import Any

from tests.support.api import Api, bearer

IMPORT_FILE = """
mutation ($input: ImportFileInput!) {
  importFile(input: $input) { job { id } userErrors { __typename code message path } }
}
"""
FILE_JOB = """
query ($id: ID!) { node(id: $id) { ... on JobRun { kind state
  error { code message ... on InvalidDataUserError { faults(first: 5) {
    totalCount edges { node { file place reason code } } } } }
  leftOut { totalCount edges { node { file place reason code } } }
  fileReports { totalCount edges { node {
    subject format fileName rowCount acceptedCount rejectedCount unchanged isRepeat isDryRun notes
    rejectedCounts { edges { node { code count } } }
    rejected(first: 3) { totalCount edges { node { line code excerpt reason } } }
    series { edges { node { name kind months(first: 100) { edges { node {
      month version new changed same kept } } } } } }
    touchedProposals { edges { node { proposalId } } }
    touchedMonths { totalCount }
  } } }
} } }
"""
COMMUNITIES = "{ communities { edges { node { id code } } } }"


def send(
    api: Api,
    content: bytes,
    name: str = "upload",
    *,
    kind: str = "text/csv",
    token: str | None = None,
) -> str:
    """Upload a file as the owner, unless another token is given, and give its id."""
    answer = api.client.request(
        "POST",
        "/uploads",
        params={"fileName": name},
        content=content,
        headers=bearer(api.own if token is None else token) | {"content-type": kind},
    )
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


def community_of(api: Api, code: str = "test-1") -> str:
    """Give the global id of a community."""
    nodes = nodes_of(api.ask(COMMUNITIES)["communities"])
    return next(node["id"] for node in nodes if node["code"] == code)


def ask_import(api: Api, content: bytes, name: str = "upload", **wish: Any) -> dict[str, Any]:
    """Upload a file, ask for its import, and give the payload."""
    given = {"communityId": community_of(api), "uploadId": send(api, content, name)} | wish
    return api.ask(IMPORT_FILE, input=given)["importFile"]


def import_file(api: Api, content: bytes, name: str = "upload", **wish: Any) -> dict[str, Any]:
    """Import a file, and give the job as it ended."""
    payload = ask_import(api, content, name, **wish)
    assert payload["userErrors"] == []
    api.drain()
    return api.ask(FILE_JOB, id=payload["job"]["id"])["node"]


def report_of(job: dict[str, Any]) -> dict[str, Any]:
    """Give the report of the only file of an import that succeeded."""
    assert (job["state"], job["error"]) == ("SUCCEEDED", None), job
    (report,) = nodes_of(job["fileReports"])
    return report


def nodes_of(connection: dict[str, Any]) -> list[Any]:
    """Give the items of a page."""
    return [edge["node"] for edge in connection["edges"]]


def months_of(report: dict[str, Any]) -> dict[tuple[str, str, str], tuple[int, ...]]:
    """Give (version, new, changed, same, kept) of each month of each series."""
    return {
        (series["name"], series["kind"], month["month"]): tuple(
            month[key] for key in ("version", "new", "changed", "same", "kept")
        )
        for series in nodes_of(report["series"])
        for month in nodes_of(series["months"])
    }
