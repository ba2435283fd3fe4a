"""What our processes write down about themselves holds no personal data."""

import json
import logging
import sys
import threading

import pytest
import structlog

from watchroom.foundation import logs

SECRET = "Gwendoline Secret, 07700 900123"


@pytest.fixture
def written(tmp_path, monkeypatch):
    """The lines of a process's log so far."""
    monkeypatch.setenv("WATCHROOM_DATA", str(tmp_path))
    root, access = logging.getLogger(), logging.getLogger("granian.access")
    before = root.handlers[:], root.level, access.handlers[:], access.filters[:], access.propagate
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    logs.configure("web")
    yield lambda: [json.loads(line) for line in logs.path_of("web").read_text().splitlines()]
    for handler in root.handlers:
        handler.close()
    root.handlers[:], root.level, access.handlers[:], access.filters[:], access.propagate = before
    structlog.reset_defaults()


def raised():
    try:
        raise ValueError(SECRET)
    except ValueError:
        return sys.exc_info()


@pytest.mark.parametrize("logger", [logging.getLogger("django.request"), structlog.get_logger("watchroom")])
def test_an_error_is_told_by_its_class_and_places_not_by_its_words(written, logger):
    logger.error("went wrong", exc_info=raised())
    [line] = written()
    assert line["event"] == "went wrong"
    assert line["error"] == "builtins.ValueError"
    assert line["places"][-1].endswith("raised")
    assert "Gwendoline" not in json.dumps(line)


def test_not_even_when_nobody_caught_it(written):
    sys.excepthook(*raised())
    thread = threading.Thread(target=lambda: int(SECRET))
    thread.start()
    thread.join()
    assert [line["error"] for line in written()] == ["builtins.ValueError"] * 2
    assert "Gwendoline" not in json.dumps(written())


def test_a_path_is_told_without_what_may_be_a_key(written):
    seen = {"method": "GET", "path": "/report/sent/Zx81kQ-long-enough-to-be-a-key/", "status": 200, "dt_ms": 3.21}
    logging.getLogger("granian.access").info(logs.ACCESS_FORMAT, seen)
    assert written()[0]["event"] == "GET /report/sent/…/ 200 3.2"


def test_a_file_that_has_grown_too_large_begins_anew(written, tmp_path, monkeypatch):
    monkeypatch.setattr(logs, "LARGEST", 10)
    logs.path_of("worker").write_text("x" * 11)
    assert not logs.begin("worker").exists()
    assert (tmp_path / "logs" / "worker.log.1").exists()
