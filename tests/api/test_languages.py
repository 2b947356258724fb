"""Failures speak the language of whoever asks; their codes are the same in all."""

import pytest

from api.app import create_app
from models.values.language import Language
from tests.support.api import CAU, YEAR, bearer, connect
from tests.support.databases import on_sqlite
from tests.support.file_imports import send

# No database can change what is said here.
pytestmark = on_sqlite

NOWHERE = """mutation { acceptProposal(input: {proposalId: "eA==", fileYear: 2026}) {
  userErrors { code message path } } }"""


def post(api, query, language, *, token=None, **variables):
    """Send an operation as somebody who reads a language."""
    headers = bearer(api.own if token is None else token) | {"accept-language": language}
    body = {"query": query, "variables": variables}
    return api.client.request("POST", "/graphql", json=body, headers=headers)


def refusal(api, query, language, **more):
    """Give the code and the message of the one error."""
    (error,) = post(api, query, language, **more).json()["errors"]
    return error["extensions"]["code"], error["message"]


@pytest.mark.parametrize(
    ("language", "message"),
    [
        ("es-ES,en;q=0.5", "no existe tal propuesta"),
        ("ca", "no existeix aquesta proposta"),
        ("en", "there is no such proposal"),
        ("fr", "there is no such proposal"),
    ],
)
def test_user_errors_speak_it(api, language, message):
    answer = post(api, NOWHERE, language).json()["data"]["acceptProposal"]
    (error,) = answer["userErrors"]
    assert (error["code"], error["path"]) == ("NOT_FOUND", ["input", "proposalId"])
    assert error["message"] == message


@pytest.mark.parametrize(
    ("query", "code", "spanish"),
    [
        ("", "INVALID_ARGUMENT", "la consulta está vacía"),
        (
            "query A { __typename } query B { __typename }",
            "INVALID_ARGUMENT",
            "el documento tiene varias operaciones: nombre una con `operationName`",
        ),
        (
            "{ " + " ".join(f"a{i}: __typename" for i in range(31)) + " }",
            "TOO_LARGE",
            "el documento pide demasiado (alias): 31, y el límite es 30",
        ),
        (
            "{ communities(first: " + "9" * 41 + ") { totalCount } }",
            "TOO_LARGE",
            "un número de 41 cifras es más largo que 40",
        ),
        (
            "{ communities(first: 101) { totalCount } }",
            "INVALID_ARGUMENT",
            "first: 101 no está entre 0 y 100",
        ),
        (
            '{ communities(after: "x") { totalCount } }',
            "INVALID_ARGUMENT",
            "after: no es un cursor de esta lista; pase el endCursor de su pageInfo",
        ),
    ],
)
def test_refusals_of_documents_speak_it(api, query, code, spanish):
    assert refusal(api, query, "es") == (code, spanish)


def test_refusals_of_scalars_speak_it_behind_the_words_of_graphql(api):
    query = f'mutation {{ proposeCoefficients(input: {{cau: "{CAU}", year: {YEAR}, floor: 1.5}})'
    code, message = refusal(api, query + " { job { id } } }", "ca")
    assert code == "INVALID_ARGUMENT"
    assert message.startswith("at proposeCoefficients.input.floor: ")
    assert "'Share 1.5 no és un nombre de 0 a 1'" in message


def test_refusals_of_permissions_speak_it_and_their_cache_does_not_remember(api):
    query = "{ communities { totalCount } }"
    for language, ending in (
        ("es", " es para quien inicia sesión o envía un token"),
        ("ca", " és per a qui inicia la sessió o envia un token"),
        ("en", " is for callers who sign in or send a token"),
    ):
        assert refusal(api, query, language, token="") == (
            "UNAUTHENTICATED",
            f"Query.communities{ending}",
        )


@pytest.mark.parametrize(
    ("method", "path", "content", "status", "spanish"),
    [
        ("POST", "/graphql", b"x" * 100_001, 413, "el cuerpo ocupa más de 100000 bytes"),
        ("POST", "/graphql", b"1", 400, "el cuerpo debe ser un objeto con un texto `query`"),
        ("POST", "/graphql", b"{", 400, "el cuerpo no es JSON"),
        ("PUT", "/graphql", b"", 405, "método no admitido"),
        ("GET", "/nowhere", b"", 404, "en esta dirección no hay nada"),
        ("POST", "/uploads", b"x", 415, "envíe el fichero tal cual"),
    ],
)
def test_failures_over_http_speak_it(api, method, path, content, status, spanish):
    headers = bearer(api.own) | {"content-type": "application/json", "accept-language": "es"}
    if path == "/uploads":
        headers["content-type"] = "image/png"
    answer = api.client.request(method, path, content=content, headers=headers)
    assert answer.status_code == status
    assert answer.json()["errors"][0]["message"].startswith(spanish)
    assert answer.headers["content-language"] == "es"


def test_unknown_callers_are_told_in_it(api):
    headers = bearer("rp_nobody") | {"accept-language": "ca"}
    answer = api.client.request("GET", "/nowhere", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["content-language"] == "ca"
    assert "token" in answer.json()["errors"][0]["message"]


def break_down(*_arguments, **_more):
    """Fail as nobody expects."""
    raise ZeroDivisionError


def test_faults_of_the_program_are_told_in_it(api, monkeypatch):
    monkeypatch.setattr("api.graphql.dataloaders.page_records", break_down)
    monkeypatch.setattr("api.services.proposals.find_proposal.map_proposals", break_down)
    code, message = refusal(api, "{ communities { totalCount } }", "es")
    assert code == "UNEXPECTED"
    assert message.startswith("algo ha fallado; quien administra el servicio lo encuentra como ")
    path = "/proposals/00000000-0000-0000-0000-000000000001/proposal.json"
    headers = bearer(api.own) | {"accept-language": "es"}
    answer = api.client.request("GET", path, headers=headers)
    assert answer.status_code == 500
    assert answer.json()["errors"][0]["message"].startswith("algo ha fallado")


def test_the_installation_has_a_language_of_its_own(api):
    settings = api.settings.model_copy(update={"language": Language.CATALAN})
    with connect(create_app(settings)) as client:
        body = {"query": ""}
        answer = client.request("POST", "/graphql", json=body, headers=bearer(api.own))
        assert answer.json()["errors"][0]["message"] == "la consulta és buida"


@pytest.mark.parametrize(
    ("language", "message"),
    [
        ("en", "there is nothing at this address: the API answers at /graphql"),
        ("es", "en esta dirección no hay nada: la API responde en /graphql"),
        ("ca", "en aquesta adreça no hi ha res: l’API respon a /graphql"),
    ],
)
def test_a_wrong_address_is_told_where_the_api_is(api, language, message):
    for path in ("/", "/graphiql"):
        answer = api.client.request(
            "GET", path, headers=bearer(api.own) | {"accept-language": language}
        )
        assert answer.status_code == 404
        assert answer.json()["errors"][0]["message"] == message


@pytest.mark.parametrize(
    ("language", "reason", "needs"),
    [
        ("en", "is a table of 3 columns", "a mapping that says what its columns mean"),
        ("es", "es una tabla de 3 columnas", "una correspondencia que diga qué son sus columnas"),
        ("ca", "és una taula de 3 columnes", "una correspondència que digui què són"),
    ],
)
def test_detections_speak_it(api, language, reason, needs):
    query = """query ($id: ID!) { detectFile(uploadId: $id) { needs detection { reason } } }"""
    upload = send(api, b"a;b;c\n1;2;3\n4;5;6\n", "x.csv")
    advice = post(api, query, language, id=upload).json()["data"]["detectFile"]
    assert advice["detection"]["reason"].startswith(reason)
    assert advice["needs"].startswith(needs)
