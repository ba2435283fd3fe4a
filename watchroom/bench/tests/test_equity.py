"""Groups are told apart by what they are, and a group that is found less well shows as a gap."""

from watchroom.bench.equity import Call, rates


def of(origin: str, truth: int | None, named: int | None) -> Call:
    return Call((("origin", origin), ("sex", "f")), truth, named)


def test_recall_is_of_those_on_record_and_wrong_names_are_of_all():
    calls = [of("a", 1, 1), of("a", 2, 2), of("a", None, None), of("a", None, 7), of("b", 3, 3), of("b", 4, None), of("b", 5, 6)]
    found = rates(calls)
    a, b = found["origin"]["a"], found["origin"]["b"]
    assert (a["on_record"], a["recall"]["share"], a["calls"], a["wrong"]["share"]) == (2, 100.0, 4, 25.0)
    assert (b["on_record"], b["recall"]["share"], b["calls"], b["wrong"]["share"]) == (3, 33.33, 3, 33.33)
    assert found["origin"]["gap"] == {"recall": 66.67, "wrong": 8.33}
    assert found["sex"]["gap"] == {"recall": 0.0, "wrong": 0.0}


def test_a_group_without_anybody_on_record_has_no_recall():
    found = rates([of("a", None, None)])
    assert found["origin"]["a"]["recall"] == {"share": None, "between": None}
    assert found["origin"]["gap"] == {"recall": None, "wrong": 0.0}
