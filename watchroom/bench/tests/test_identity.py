"""The same person has one id, whatever the types of the files that name them."""

import pytest

from watchroom.bench.identity import same


@pytest.mark.parametrize(
    ("identifier", "is_told_as"),
    [
        (5, "5"),
        (5.0, "5"),
        ("5", "5"),
        (" 5 ", "5"),
        ("P-17", "P-17"),
        (-1, "-1"),
        (-1.0, "-1"),
        (None, ""),
        (float("nan"), ""),
        ("", ""),
    ],
)
def test_an_id_is_one_text(identifier, is_told_as):
    assert same(identifier) == is_told_as
