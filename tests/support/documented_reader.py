"""Somebody who does what a page says: with a token, until they sign in."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from api.session_cookie import COOKIE
from tests.support.accounts_of_roles import carry
from tests.support.api import Api, bearer
from tests.support.authenticator import App
from tests.support.documented_calls import (
    AppCode,
    Call,
    Command,
    Download,
    Mail,
    Step,
    Upload,
    match_answer,
    use_ids,
)
from tests.support.invitations import posting
from tests.support.sockets import streaming


@dataclass(slots=True)
class Reader:
    """Does the steps of a page, and holds what comes of them against what it says."""

    api: Api
    live: httpx.Client
    run: Callable[[Command], str]
    folder: Path
    ids: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    apps: dict[str, App] = field(default_factory=dict)
    headers: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.headers = bearer(self.api.own)

    def do(self, step: Step) -> None:
        """Do a step when the work before it is done."""
        if isinstance(step, Call) and step.events:
            self.compare(step.query, step.events, self.follow(step))
            return
        self.api.drain()
        match step:
            case Upload():
                self.compare(step.name, step.answer, self.send(step))
            case Download():
                path = use_ids(step.path, self.ids)
                headers = {} if step.is_public else self.headers
                answer = self.api.client.request("GET", path, headers=headers)
                text = answer.text.replace("\r\n", "\n")
                self.compare(step.path, step.text, text)
                if step.name:
                    assert answer.is_success, text
                    self.files[step.name] = text
            case Command():
                self.compare(" ".join(step.arguments), step.output, self.run(step))
            case Mail():
                with posting(self.api) as post:
                    secrets = {to: secret for to, _, secret in post.deliver()}
                self.ids[step.secret] = secrets[step.to]
            case AppCode():
                secret = self.ids[step.secret]
                self.ids[step.code] = self.apps.setdefault(secret, App(secret)).show()
            case Call():
                self.compare(step.query, step.answer, self.ask(step))

    def ask(self, call: Call) -> Any:
        """Send an operation; whoever signs in shows the cookie from then on, and no token."""
        answer = self.api.client.request(
            "POST",
            "/graphql",
            json={"query": call.query, "variables": use_ids(call.variables, self.ids)},
            headers={} if call.is_public else self.headers,
        )
        name, _, secret = answer.headers.get("set-cookie", "").partition(";")[0].partition("=")
        if name == COOKIE:
            self.headers = carry(secret) if secret.strip('"') else bearer(self.api.own)
        return answer.json()

    def follow(self, call: Call) -> str:
        """Hear as many events as the page tells, the work being done after the first."""
        variables = use_ids(call.variables, self.ids)
        with streaming(self.live, self.api.own, call.query, **variables) as stream:
            if "event: complete" in call.events:
                events = [stream.hear()]
                self.api.drain()
                events += stream.hear_all()
            else:
                events = [stream.hear() for _ in range(call.events.count("event: "))]
        lines = (
            "".join(f"{name}: {text}".rstrip() + "\n" for name, text in event.items())
            for event in events
        )
        return "\n".join(lines)

    def send(self, upload: Upload) -> Any:
        """Send a file that the page shows, or that stands in the folder."""
        shown = self.files.get(upload.path)
        content = (
            use_ids(shown, self.ids).encode() if shown else (self.folder / upload.path).read_bytes()
        )
        path = f"/uploads?fileName={upload.name}"
        headers = self.headers | {"content-type": "application/octet-stream"}
        return self.api.client.request("POST", path, content=content, headers=headers).json()

    def compare(self, what: str, said: Any, answer: Any) -> None:
        """Hold an answer against the written one, and learn the ids that it tells."""
        if said is None:
            said = answer if is_fine(answer) else "an answer without errors"
        found = match_answer(said, answer, self.ids)
        shown = json.dumps(answer, ensure_ascii=False)
        assert found is not None, f"{what}\nis answered with\n{shown}\ninstead of\n{said}"
        self.ids = found


def is_fine(answer: Any) -> bool:
    """Tell whether everything that was asked for was done."""
    refused = [each["userErrors"] for each in (answer["data"] or {}).values() if is_outcome(each)]
    return "errors" not in answer and not any(refused)


def is_outcome(payload: Any) -> bool:
    return isinstance(payload, dict) and "userErrors" in payload
