"""What a figure counts is said beside it, and only equals are compared."""

import dataclasses
from datetime import UTC, datetime

import pytest

from watchroom.demand import definitions
from watchroom.demand.rules import counting
from watchroom.force import packs

NATIONAL = definitions.under(packs.national())
NORTHMOOR = definitions.under(packs.shipped("northmoor"))


def test_every_figure_has_a_definition_and_every_definition_a_figure():
    nothing_happened = counting.figures([], [], 0, packs.national(), datetime(2026, 11, 22, 12, tzinfo=UTC))
    assert {figure.code for figure in nothing_happened} == set(NATIONAL)


def test_every_definition_says_all_of_it():
    for one in NATIONAL.values():
        assert all((one.title, one.numerator, one.exclusions, one.clock, one.unit, one.source)), one.code
        assert (one.unit == "per cent") <= bool(one.denominator), one.code
        assert "{" not in " ".join(dataclasses.astuple(one)), one.code


def test_no_two_figures_have_the_same_definition():
    assert len({one.hash for one in NATIONAL.values()}) == len(NATIONAL)


def test_the_hash_covers_what_is_counted_and_not_how_it_is_called():
    one = NATIONAL["within_999"]
    assert dataclasses.replace(one, title="Quick answers", source="R11").hash == one.hash
    for name in definitions.COUNTED:
        assert dataclasses.replace(one, **{name: getattr(one, name) + " "}).hash == one.hash  # spaces say nothing
        assert dataclasses.replace(one, **{name: getattr(one, name) + "!"}).hash != one.hash


def test_the_hashes_of_what_forces_publish_change_only_on_purpose():
    """Who changes a definition breaks every comparison with earlier figures: do it knowingly, and say so where it is published."""
    published = ("within_999", "within_limit_999", "bands_999", "abandoned_share", "rwd_of_incidents")
    assert {code: NATIONAL[code].hash for code in published} == PUBLISHED


def test_two_forces_with_the_same_standard_compare_and_those_with_their_own_targets_do_not():
    definitions.check_comparable(NATIONAL["within_999"], NORTHMOOR["within_999"])
    with pytest.raises(definitions.NotComparable, match="differ in numerator"):
        definitions.check_comparable(NATIONAL["within_target"], NORTHMOOR["within_target"])


def test_a_rate_of_calls_is_not_compared_with_a_rate_of_incidents():
    """Seed inconsistency I4: 33.2 per cent of calls in the headline, of all incidents in the text."""
    with pytest.raises(definitions.NotComparable, match="numerator, denominator"):
        definitions.check_comparable(NATIONAL["rwd_of_incidents"], NATIONAL["rwd_of_contacts"])


PUBLISHED = {
    "within_999": "4d813ff9d654",
    "within_limit_999": "a8ec90951038",
    "bands_999": "1bffda1e9147",
    "abandoned_share": "61cb3bd9b452",
    "rwd_of_incidents": "7e944632bc98",
}
