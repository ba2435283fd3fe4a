"""The same model weighs the same here and in Splink: pairs that Splink weighed (`training/parity.py`), weighed anew."""

import gzip
import json
from pathlib import Path

import pytest

from watchroom.identity.likeness import model
from watchroom.identity.likeness.words import Said

PAIRS = Path(__file__).parent / "parity.json.gz"


@pytest.fixture(scope="module")
def weighed():
    with gzip.open(PAIRS, "rt", encoding="utf-8") as file:
        return json.load(file)


def test_of_a_thousand_pairs_at_most_one_differs_by_more_than_a_millionth_of_a_bit(weighed):
    shares = weighed["frequency"]
    ours = model.shipped()
    apart = [
        (one, other, weight)
        for one, other, weight in weighed["pairs"]
        if abs(ours.match_weight(Said(*one), Said(*other), lambda field, name: shares[field].get(name)) - weight) > 1e-6
    ]
    assert len(weighed["pairs"]) >= 3000
    assert len(apart) <= len(weighed["pairs"]) / 1000, apart[:3]


def test_a_model_that_asks_something_else_is_refused_with_what_it_asks():
    settings = model.wanted()
    settings["comparisons"][0]["comparison_levels"][1]["sql_condition"] = '"given_l" = "given_r" AND 1 = 1'
    with pytest.raises(model.UnknownLevel, match="1 = 1"):
        model.load(settings)
