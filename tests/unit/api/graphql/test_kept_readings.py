"""Readings are kept for one caller's reach and one state of the database, and not without end."""

import asyncio
import gc

import pytest

from api.graphql.kept_readings import UNKNOWN, AtHand, Batches, CallersReadings, KeptReadings


class Mark:
    """A database that changes when a test says so."""

    def __init__(self, state=1):
        self.state = state

    def read(self):
        return self.state


@pytest.fixture
def mark():
    return Mark()


@pytest.fixture
def kept(mark):
    return KeptReadings(mark, most_rows=10)


def begin(kept, caller="somebody"):
    return CallersReadings(kept, caller)


def keep(kept, key, n_rows=1):
    begin(kept).keep("question", key, f"answer {key}", n_rows)


def recall(kept, key, caller="somebody", question="question"):
    return begin(kept, caller).recall(question, key)


def test_what_was_read_is_recalled_by_whom_it_was_read_for(kept):
    keep(kept, 1)
    assert recall(kept, 1) == "answer 1"
    assert recall(kept, 2) is UNKNOWN
    assert recall(kept, 1, caller="somebody else") is UNKNOWN
    assert recall(kept, 1, question="another") is UNKNOWN


def test_nothing_is_recalled_once_the_database_has_changed(kept, mark):
    keep(kept, 1)
    mark.state = 2
    assert recall(kept, 1) is UNKNOWN


def test_what_began_before_a_change_is_neither_kept_nor_mixed_with_what_came_after(kept, mark):
    late = begin(kept)
    mark.state = 2
    keep(kept, 1)
    late.keep("question", 2, "old", 1)
    assert recall(kept, 2) is UNKNOWN
    assert late.recall("question", 1) is UNKNOWN


def test_where_the_state_is_not_known_nothing_is_kept():
    kept = KeptReadings(Mark(None))
    keep(kept, 1)
    assert recall(kept, 1) is UNKNOWN


def test_what_was_not_asked_for_longest_makes_room(kept):
    for key in (1, 2):
        keep(kept, key, n_rows=5)
    recall(kept, 1)
    keep(kept, 3, n_rows=5)
    assert [recall(kept, key) is UNKNOWN for key in (1, 2, 3)] == [False, True, False]


def test_a_caller_that_was_found_anew_is_held_once(kept):
    first = kept.know(("promoter", frozenset({"community"})))
    assert kept.know(("promoter", frozenset({"community"}))) is first


def test_what_is_too_large_is_not_kept(kept):
    keep(kept, 1)
    keep(kept, 2, n_rows=11)
    assert recall(kept, 2) is UNKNOWN
    assert recall(kept, 1) == "answer 1"


def test_what_is_at_hand_is_had_without_waiting():
    async def wait():
        return await AtHand("it")

    with pytest.raises(StopIteration) as ended:
        wait().send(None)
    assert ended.value.value == "it"


@pytest.mark.parametrize("weigh", [None, len, lambda _found: None])
def test_keys_are_asked_for_together_and_again_only_if_not_kept(kept, weigh):
    asked = []

    async def ask(keys):
        asked.append(list(keys))
        return {key: key * 2 for key in keys if key != "gone"}

    async def load():
        return await Batches(ask, "question", begin(kept), weigh).load_many(["a", "gone", "a"])

    first, second = asyncio.run(load()), asyncio.run(load())
    assert first == second == ["aa", None, "aa"]
    again = [] if weigh is len else [["a", "gone"] if weigh is None else ["a"]]
    assert asked == [["a", "gone"], *again]


def test_failures_are_not_kept(kept):
    asked = []

    async def ask(keys):
        asked.append(keys)
        return {key: ValueError("no") for key in keys}

    for _ in range(2):
        with pytest.raises(ValueError, match="no"):
            asyncio.run(Batches(ask, "question", begin(kept), len).load_many(["a"]))
    assert len(asked) == 2


async def fail_all(_keys):
    raise ValueError("no")


async def fail_each(keys):
    return {key: ValueError("no") for key in keys}


@pytest.mark.parametrize("fail", [fail_all, fail_each])
def test_failures_that_nobody_waits_for_are_not_told_to_the_log(kept, fail):
    told = []

    async def give_up():
        asyncio.get_running_loop().set_exception_handler(lambda _, what: told.append(what))
        batches = Batches(fail, "question", begin(kept), None)
        with pytest.raises(ValueError, match="no"):
            await batches.load_many(["a", "b"])
        batches.load("given up")
        await asyncio.sleep(0.01)
        del batches
        gc.collect()

    asyncio.run(give_up())
    assert told == []
