"""Exports of data as a caller of the API has them made and fetches them."""

from tests.support.api import YEAR

EXPORT = """mutation ($input: ExportDataInput!) { exportData(input: $input) {
  job { id kind state download } userErrors { __typename code message path } } }"""
JOB = "query ($id: ID!) { node(id: $id) { ... on JobRun { state download error { message } } } }"
WISH = {
    "start": f"{YEAR}-01-01",
    "end": f"{YEAR + 1}-01-01",
    "subject": "ENERGY",
    "format": "CSV",
}


def ask(api, token=None, **wish):
    """Ask for an export and give its payload."""
    return api.ask(EXPORT, token=token, input=WISH | wish)["exportData"]


def make(api, token=None, **wish):
    """Have an export made, and give the link to its file."""
    payload = ask(api, token, **wish)
    assert payload["userErrors"] == []
    assert api.drain() == 1
    done = api.ask(JOB, token=token, id=payload["job"]["id"])["node"]
    assert done["state"] == "SUCCEEDED", done
    return done["download"]


def fetch(api, link):
    """Fetch a file as a browser does, without a token."""
    answer = api.client.request("GET", link)
    assert answer.status_code == 200, answer.text
    return answer
