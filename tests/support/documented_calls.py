"""The calls that a page documents, as they are written, and whether an answer is the written one.

What a page cuts is `…`: in a text any characters, in a list any items. A global id, and eight
hexadecimal digits before a cut, stand for what was answered there, everywhere on the page.
"""

import json
import re
import shlex
from base64 import b64decode
from binascii import Error as NoBase64
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

CUT = "…"
_PART = re.compile(
    r"^#+ [^\n]*\((?P<day>\d{4}-\d\d-\d\d)\)$|^```(?P<info>[^\n]*)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
_DIGITS = re.compile(r"[0-9A-Fa-f]{8}-?…")
_SIGNED = f"?expires={CUT}"
"""The end of a signed link; the path before it opens with a token."""
_TEXT_OR_CUT = re.compile(r'"(?:[^"\\]|\\.)*"|…')
_UPLOAD = re.compile(
    r'\$ curl "localhost:8000/uploads\?fileName=(\S+)" .*?--data-binary @(\S+)\n(.*)', re.DOTALL
)
_DOWNLOAD = re.compile(
    r'\$ curl "localhost:8000(/[^"]+)"((?:[^\n]|(?<=\\)\n)*?)(?: -o (\S+))?(?<!\\)\n(.*)',
    re.DOTALL,
)
_POST = re.compile(
    r"\$ curl (?:-N )?localhost:8000/graphql(?P<headers>.*?) -d '(?P<body>[^']*)'\n(?P<answer>.*)",
    re.DOTALL,
)
_COMMAND = re.compile(
    r"\$ (?:echo '(?P<input>[^']*)' \| )?reparto (?P<arguments>[^\n]*)\n(?P<output>.*)", re.DOTALL
)
_MAIL = re.compile(r"To: (?P<to>\S+)\n(?:.*\n)*\S+#(?P<secret>\S+)\n")
_CODE = re.compile(r"\$ oathtool --totp --base32 (?P<secret>\S+)\n(?P<code>\d{6})\n")
_EVENT = re.compile(r"(id|event): ")


@dataclass(frozen=True, slots=True)
class FileText:
    """A file that the page shows."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that is sent, under a name."""

    name: str
    path: str
    answer: Any


@dataclass(frozen=True, slots=True)
class Download:
    """A file that is fetched, and how it begins; or the name under which it is kept unseen."""

    path: str
    text: str
    is_public: bool = False
    name: str = ""


@dataclass(frozen=True, slots=True)
class Command:
    """A command, what it is sent, and what it says."""

    arguments: tuple[str, ...]
    input: str
    output: str


@dataclass(frozen=True, slots=True)
class Mail:
    """An e-mail that somebody gets, and the secret in its link."""

    to: str
    secret: str


@dataclass(frozen=True, slots=True)
class AppCode:
    """What an authenticator app shows of a secret."""

    secret: str
    code: str


@dataclass(slots=True)
class Call:
    """An operation, its variables and its answer; none where the page tells none.

    What is followed is answered by events, as they are sent; the public says nothing of itself.
    """

    query: str
    variables: dict[str, Any] = field(default_factory=dict)
    answer: Any = None
    events: str = ""
    is_public: bool = False


Step = date | FileText | Upload | Download | Command | Mail | AppCode | Call
"""A day is one on which what follows it is done."""


def read_steps(page: str) -> list[Step]:
    """Read what a page says to do, in its order."""
    steps: list[Step] = []
    for part in _PART.finditer(page):
        if part["day"]:
            steps.append(date.fromisoformat(part["day"]))
        elif part["info"] == "json":
            _complete(steps, read_json(part["text"]))
        elif _EVENT.match(part["text"]):
            _find_call(steps, part["text"]).events = _read_cuts(part["text"])
        else:
            steps.extend(_read_block(part["info"], part["text"]))
    return steps


def _complete(steps: list[Step], said: Any) -> None:
    """Give the operation before it its variables, or its answer."""
    call = _find_call(steps, said)
    assert call.answer is None, f"a second answer: {said}"
    if set(said) == {"variables"}:
        call.variables = said["variables"]
    else:
        call.answer = said


def _find_call(steps: list[Step], said: Any) -> Call:
    """Give the operation to which something belongs that follows it."""
    call = steps[-1]
    assert isinstance(call, Call), f"this follows no operation: {said}"
    return call


def _read_cuts(text: str) -> str:
    return text.replace("[…]", CUT)


def _read_block(info: str, text: str) -> Iterator[Step]:
    """Read an operation, a file, or what is sent and fetched with curl."""
    language, _, name = info.partition(" ")
    if language == "graphql":
        yield Call(text, is_public=name == "public")
    elif name:
        yield FileText(name, text)
    elif sent := _UPLOAD.match(text):
        yield Upload(sent[1], sent[2], read_json(sent[3]))
    elif fetched := _DOWNLOAD.match(text):
        text = CUT if fetched[3] else _read_cuts(fetched[4]).replace(f"{CUT}\n", CUT)
        is_public = "Authorization" not in fetched[2]
        yield Download(fetched[1], text, is_public, fetched[3] or "")
    elif posted := _POST.match(text):
        yield _read_post(posted)
    elif run := _COMMAND.match(text):
        yield Command(tuple(shlex.split(run["arguments"])), run["input"] or "", run["output"])
    elif mail := _MAIL.match(text):
        yield Mail(mail["to"], mail["secret"])
    elif shown := _CODE.match(text):
        yield AppCode(shown["secret"], shown["code"])


def _read_post(posted: re.Match[str]) -> Call:
    """Read an operation that is sent with curl."""
    call = Call(**json.loads(posted["body"]), is_public="Authorization" not in posted["headers"])
    if "text/event-stream" in posted["headers"]:
        call.events = _read_cuts(posted["answer"])
    else:
        call.answer = read_json(posted["answer"])
    return call


def read_json(text: str) -> Any:
    """Read JSON with cuts: one outside of texts is read as a text of its own."""
    whole = _TEXT_OR_CUT.sub(lambda found: f'"{CUT}"' if found[0] == CUT else found[0], text)
    return json.loads(re.sub(rf'(?<=[\[,])(\s*)"{CUT}"(?=\s*[{{"])', rf'\1"{CUT}",', whole))


def use_ids(documented: Any, ids: dict[str, str]) -> Any:
    """Put real ids where a page cuts them, inside of texts too."""
    if isinstance(documented, dict):
        return {name: use_ids(value, ids) for name, value in documented.items()}
    if isinstance(documented, list):
        return [use_ids(value, ids) for value in documented]
    if isinstance(documented, str):
        for cut, whole in ids.items():
            documented = documented.replace(cut, whole)
    return documented


def match_answer(documented: Any, actual: Any, ids: dict[str, str]) -> dict[str, str] | None:
    """Tell which ids the page's stand for if an answer is the written one; else nothing."""
    if isinstance(documented, str) and CUT in documented:
        return _match_text(documented, actual, ids)
    if isinstance(documented, dict) and isinstance(actual, dict):
        if documented.keys() != actual.keys():
            return None
        found: dict[str, str] | None = ids
        for name, value in documented.items():
            found = None if found is None else match_answer(value, actual[name], found)
        return found
    if isinstance(documented, list) and isinstance(actual, list):
        return _match_items(documented, actual, ids)
    return ids if documented == actual and type(documented) is type(actual) else None


def _match_items(
    documented: list[Any], actual: list[Any], ids: dict[str, str]
) -> dict[str, str] | None:
    if not documented:
        return None if actual else ids
    first, *others = documented
    if first == CUT:
        tails = (_match_items(others, actual[n:], ids) for n in range(len(actual) + 1))
        return next((found for found in tails if found is not None), None)
    found = match_answer(first, actual[0], ids) if actual else None
    return None if found is None else _match_items(others, actual[1:], found)


def _match_text(documented: str, actual: Any, ids: dict[str, str]) -> dict[str, str] | None:
    if documented == CUT:
        return ids
    if documented.endswith(_SIGNED) and isinstance(actual, str):
        path, _, query = actual.partition("?")
        is_signed = query.startswith("expires=") and "&signature=" in query
        known = match_answer(documented.removesuffix(_SIGNED), path, ids) if is_signed else None
        # The whole link first: what it cuts of the path is cut elsewhere too.
        return None if known is None else {documented: actual} | known | {documented: actual}
    kind = _kind_of_id(documented)
    rest = documented if kind is None else CUT
    pieces = _DIGITS.sub(CUT, rest).split(CUT)
    pattern = ".*".join(re.escape(piece) for piece in pieces)
    if not isinstance(actual, str) or not re.fullmatch(pattern, actual, re.DOTALL):
        return None
    if kind is None and not _DIGITS.search(documented):
        return ids
    is_new = documented not in ids and actual not in ids.values()
    known = ids | {documented: actual} if is_new else ids
    return known if known.get(documented) == actual and _kind_of_id(actual) == kind else None


def _kind_of_id(text: str) -> str | None:
    """Tell of what a text is a global id or, for a list's place, a cursor."""
    try:
        begin = b64decode(text[: text.find(CUT) // 4 * 4 if CUT in text else None], validate=True)
    except (NoBase64, ValueError):
        return None
    text = begin.decode("latin-1")
    if cursor := re.match(r'\["(\w+)"', text):
        return cursor[1]
    kind, colon, _ = text.partition(":")
    return kind if colon and kind.isascii() and kind.isalpha() else None
