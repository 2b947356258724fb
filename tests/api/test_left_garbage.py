"""Nothing of a query waits for the garbage collector: its pauses are other callers' waits."""

import gc
from contextlib import contextmanager

import pytest

from tests.api.test_kept_readings import NAMES, YEAR_OF, rename


@contextmanager
def left_garbage():
    """Give the kinds of what only the collector finds, once the block has ended."""
    kinds: set[str] = set()
    gc.collect()
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        yield kinds
        gc.collect()
        named = {f"{type(one).__module__}.{type(one).__qualname__}" for one in gc.garbage}
        kinds |= {name for name in named if name.startswith(("api.", "graphql.execution."))}
    finally:
        gc.set_debug(0)
        gc.garbage.clear()


@pytest.mark.parametrize("is_anew", [True, False], ids=["read anew", "recalled"])
@pytest.mark.parametrize("query", [NAMES, YEAR_OF], ids=["records", "a year"])
def test_nothing_of_an_answer_is_left(api, query, is_anew):
    # To admit a document leaves something behind, once.
    api.ask(query)
    if is_anew:
        rename(api.engine, "Vila Nova")
    with left_garbage() as kinds:
        api.ask(query)
    assert kinds == set()
