import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.values.json_size import bound_json_values

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def count_inner(content: object) -> int:
    """Count members and items one by one."""
    inner = content if isinstance(content, list) else []
    inner = list(content.values()) if isinstance(content, dict) else inner
    return len(inner) + sum(map(count_inner, inner))


@pytest.mark.parametrize(
    ("text", "bound"),
    [(b"", 0), (b"7", 0), (b"[]", 1), (b"[7]", 1), (b"[7, 7]", 2), (b'{"a": {"b": 1}}', 2)],
)
def test_signs_before_values_are_counted(text: bytes, bound: int) -> None:
    assert bound_json_values(text) == bound


@given(JSON)
def test_no_text_holds_more_values(content: object) -> None:
    text = json.dumps(content).encode()
    assert count_inner(content) <= bound_json_values(text)
