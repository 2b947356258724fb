"""What each question costs the server, in answers of a bare endpoint."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median

import orjson
from sqlalchemy import Engine
from sqlmodel import update

from models.session import create_database_engine, write_session
from models.tables import Promoter
from tests.benchmarks.served.community import StoredCase
from tests.benchmarks.served.questions import QUESTIONS, Question
from tests.benchmarks.served.servers import Server, serving_api, serving_bare

_WARM_UP = 20
_HEADING = """
| question | size of the answer | CPU of the server | of the bare endpoint | ratio | bar | \
ratio when somebody wrote since |
| --- | ---: | ---: | ---: | ---: | ---: | ---: |"""


@dataclass(frozen=True, slots=True)
class Asking:
    """A question that can be put to one server again and again."""

    server: Server
    path: str
    body: bytes
    token: str

    def send(self, times: int = 1, *, before: Callable[[], object] = bool) -> bytes:
        """Ask, each time after something else, and give the last answer."""
        headers = {"content-type": "application/json", "authorization": f"Bearer {self.token}"}
        for _ in range(times):
            before()
            content = self.server.send(self.path, self.body, headers)
        return content

    def measure(self, times: int, *, before: Callable[[], object] = bool) -> float:
        """Ask over a new connection, and tell what one answer costs [s of processor time]."""
        self.server.connection.close()
        self.send()
        used = self.server.read_cpu_seconds()
        self.send(times, before=before)
        return (self.server.read_cpu_seconds() - used) / times


def compare(stored: StoredCase, folder: Path, *, n_rounds: int) -> Iterator[str]:
    """Ask the API and the yardstick in turn; both are served alike."""
    answers = folder / "answers"
    answers.mkdir()
    with serving_api(stored.url, folder) as ours:
        asked = {
            each.name: Asking(ours, "/graphql", each.write(stored.community_id), stored.token)
            for each in QUESTIONS
        }
        for place, asking in enumerate(asked.values()):
            content = asking.send()
            assert "errors" not in orjson.loads(content), content[:500]
            (answers / f"{place}.json").write_bytes(content)
        with serving_bare(answers, folder) as bare:
            yardsticks = {
                name: Asking(bare, f"/{place}", asking.body, stored.token)
                for place, (name, asking) in enumerate(asked.items())
            }
            yield _HEADING
            engine = create_database_engine(stored.url)
            for each in QUESTIONS:
                yardstick = yardsticks[each.yardstick or each.name]
                yield _compare_one(each, asked[each.name], yardstick, n_rounds, engine)
            engine.dispose()


def _compare_one(
    question: Question, ours: Asking, bare: Asking, n_rounds: int, engine: Engine
) -> str:
    """Measure round by round, each right after the other, and write a line of the table."""
    n_requests, write = question.n_requests, partial(_write_something, engine)
    for asking in (ours, bare):
        asking.measure(_WARM_UP)
    rounds = [
        (
            ours.measure(n_requests) / question.n_parts,
            bare.measure(max(n_requests, _WARM_UP)),
            ours.measure(n_requests, before=write) / question.n_parts,
        )
        for _ in range(n_rounds)
    ]
    own, least, _ = (median(column) for column in zip(*rounds, strict=True))
    size = len(ours.send())
    ratio = median(mine / theirs for mine, theirs, _ in rounds)
    anew = median(mine / theirs for _, theirs, mine in rounds)
    return (
        f"| {question.name} | {size / 1000:,.1f} kB | {own * 1000:.2f} ms | "
        f"{least * 1000:.3f} ms | **{ratio:.1f}** | {question.bar:g} | {anew:.1f} |"
    )


def _write_something(engine: Engine) -> None:
    """Commit what changes nothing: the server keeps nothing that it read before."""
    with write_session(engine) as session:
        session.exec(update(Promoter).values(name=Promoter.name))
