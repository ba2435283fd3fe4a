"""A counter that vanishes under our hands is no reason to fail somebody who reports."""

import pytest

from watchroom.foundation import rates


def test_a_window_that_ends_between_two_looks_counts_from_the_beginning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rates.cache, "add", lambda *args, **kwargs: False)
    assert rates.allow("answers", "192.0.2.250", limit=1, seconds=60)
