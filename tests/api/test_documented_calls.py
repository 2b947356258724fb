"""What the pages show of the API can be done as it is written, and is answered as they say."""

import json
from typing import Any

import pytest

from tests.support.api import Api, bearer
from tests.support.databases import on_sqlite
from tests.support.demonstration import SetDay, demo_folder, filled_database, set_day
from tests.support.documented_calls import (
    Call,
    Download,
    FileText,
    Upload,
    match_answer,
    read_steps,
    use_ids,
)
from tests.support.source_code import ROOT

__all__ = ["demo_folder", "filled_database", "set_day"]

pytestmark = on_sqlite

STORIES = ["graphql-money.md"]
"""Pages whose calls are one story on the community of the demonstration."""


@pytest.mark.parametrize("page", STORIES)
def test_a_story_is_answered_as_it_says(api, set_day: SetDay, demo_folder, page: str) -> None:
    ids: dict[str, str] = {}
    files: dict[str, str] = {}
    for step in read_steps((ROOT / "docs" / page).read_text(encoding="utf-8")):
        match step:
            case FileText():
                files[step.name] = step.text
            case Upload():
                shown = files.get(step.path)
                sent = (
                    use_ids(shown, ids).encode()
                    if shown
                    else (demo_folder / step.path).read_bytes()
                )
                ids = compare(step.name, step.answer, send(api, step.name, sent), ids)
            case Download():
                ids = compare(step.path, step.text, api.get(use_ids(step.path, ids)).text, ids)
            case Call():
                answer = api.post(step.query, **use_ids(step.variables, ids)).json()
                api.drain()
                ids = compare(step.query, step.answer, answer, ids)
            case _:
                set_day(step)


def send(api: Api, name: str, content: bytes) -> Any:
    headers = bearer(api.own) | {"content-type": "application/octet-stream"}
    path = f"/uploads?fileName={name}"
    return api.client.request("POST", path, content=content, headers=headers).json()


def compare(what: str, said: Any, answer: Any, ids: dict[str, str]) -> dict[str, str]:
    """Hold an answer against the written one, and learn the ids that it tells."""
    found = match_answer(said, answer, ids)
    shown = json.dumps(answer, ensure_ascii=False)
    assert found is not None, f"{what}\nis answered with\n{shown}\ninstead of\n{said}"
    return found
