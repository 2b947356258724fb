"""Ids in the order of their making."""

from models.tables.ordered_ids import make_ordered_id


def test_ids_of_one_process_rise():
    ids = [make_ordered_id() for _ in range(100)]
    assert ids == sorted(ids, key=lambda key: key.hex)
    assert {(key.version, key.variant) for key in ids} == {(8, "specified in RFC 4122")}
