"""Who looked at whose data can be read by the auditor's role alone, within one force, and each look leaves an entry."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import ProgrammingError, connection, transaction

from watchroom.foundation import access, scope

AT = datetime(2026, 11, 22, 3, 12, tzinfo=UTC)
DAY = {"since": AT - timedelta(hours=3), "until": AT + timedelta(hours=21)}


def look(**more) -> access.Found:
    return access.read(**(DAY | {"by": "staff:9", "at": AT} | more))


@pytest.fixture
def entries(northmoor):
    access.log("consultation", subject=("person", 7), reason="opened the record", by="staff:1", at=AT)
    access.log("combination", subject=("person", 7), reason="confirmed on contact 12", by="staff:2", at=AT + timedelta(minutes=1))
    access.log(
        "disclosure",
        subject=("person", 8),
        reason="safeguarding",
        by="staff:1",
        at=AT + timedelta(minutes=2),
        recipient="council",
    )
    access.log("consultation", subject=("person", 7), reason="yesterday", by="staff:1", at=AT - timedelta(days=1))


def said(found: access.Found) -> list[str]:
    return [entry.reason for entry in found.entries if entry.subject[0] != "access"]


def test_the_applications_own_role_cannot_read_what_it_wrote(entries):
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select count(*) from foundation_access")


def test_the_auditor_reads_a_days_entries_the_newest_first(entries):
    found = look()
    assert said(found) == ["safeguarding", "confirmed on contact 12", "opened the record"]
    assert found.entries[0].recipient == "council"
    assert set(found.members) == {"staff:1", "staff:2", "staff:9"}


def test_entries_are_found_by_member_kind_and_subject(entries):
    assert said(look(member="staff:1")) == ["safeguarding", "opened the record"]
    assert said(look(kind="combination")) == ["confirmed on contact 12"]
    assert said(look(subject=("person", 7))) == ["confirmed on contact 12", "opened the record"]
    assert said(look(subject=("person", 7), member="staff:1")) == ["opened the record"]


def test_what_is_left_out_is_counted(entries):
    found = look(limit=1)
    assert len(found.entries) == 1
    assert found.total == 4  # three, and the look itself


def test_each_look_is_an_entry_that_says_what_was_asked(entries):
    look(member="staff:1", kind="disclosure")
    own = [entry for entry in look().entries if entry.subject[0] == "access"]
    assert [entry.by for entry in own] == ["staff:9", "staff:9"]
    assert "staff:1, disclosure" in own[1].reason


def test_a_look_shows_nothing_of_another_force(entries):
    with scope.use("southmere"):
        access.log("consultation", subject=("person", 1), reason="southmere's own", by="staff:1", at=AT)
        assert said(look()) == ["southmere's own"]
    assert "southmere's own" not in said(look())


def test_row_level_security_confines_the_auditors_role_too(entries):
    """The filter by force in the query is the first line; this is the last."""
    with scope.use("southmere"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("set local role watchroom_auditor")
        cursor.execute("select count(*) from foundation_access")
        assert cursor.fetchone()[0] == 0
        cursor.execute("set local role none")


def test_the_role_is_taken_off_again(entries):
    look()
    with connection.cursor() as cursor:
        cursor.execute("select current_user")
        assert cursor.fetchone()[0] == "watchroom_app"


def test_the_role_is_taken_off_also_when_the_query_fails(entries):
    with pytest.raises(Exception, match="limit"):
        look(limit="none of your business")
    with connection.cursor() as cursor:
        cursor.execute("select current_user")
        assert cursor.fetchone()[0] == "watchroom_app"


def as_auditor(statement: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("set local role watchroom_auditor")
        cursor.execute(statement)


@pytest.mark.parametrize(
    "statement",
    ["delete from foundation_access", "update foundation_access set reason = ''", "select count(*) from contacts_contact"],
)
def test_the_auditor_may_only_read(entries, statement):
    with pytest.raises(ProgrammingError, match="permission denied"):
        as_auditor(statement)


def test_a_kind_that_the_act_does_not_know_is_refused(northmoor):
    with pytest.raises(ValueError, match="is none of"):
        access.log("peek", subject=("person", 7), reason="", by="staff:1", at=AT)


def test_a_reason_that_is_too_long_is_cut_and_the_entry_is_written(northmoor):
    access.log("consultation", subject=("person", 7), reason="a\0" + "b" * 500, by="staff:1", at=AT)
    (entry,) = [one for one in look().entries if one.subject == ("person", 7)]
    assert entry.reason == "a" + "b" * 198 + "…"


# --- Opening a record


@pytest.fixture
def looks(northmoor, monkeypatch):
    """`looks(minutes)` opens person 7 so long after AT; returns how many consultations there are by then."""
    logged: list[str] = []
    monkeypatch.setattr(access, "log", lambda kind, **more: logged.append(kind))

    def look(minutes: float, by: str = "staff:1", subject: tuple[str, int] = ("person", 7)) -> int:
        access.consult(subject=subject, reason="opened", by=by, at=AT + timedelta(minutes=minutes))
        return len(logged)

    return look


def test_what_is_open_is_not_consulted_again_by_its_panels_and_refreshes(looks):
    assert [looks(minutes) for minutes in (0, 0, 0.5, 10, 20, 30)] == [1] * 6


def test_a_record_that_was_put_away_for_a_quarter_of_an_hour_is_consulted_anew(looks):
    assert [looks(minutes) for minutes in (0, 15, 16, 40)] == [1, 2, 2, 3]


def test_each_member_and_each_record_is_an_entry_of_its_own(looks):
    looks(0)
    assert looks(0, by="staff:2") == 2
    assert looks(0, subject=("person", 8)) == 3


def test_a_screen_that_follows_a_record_keeps_it_open(looks):
    looks(0)
    for minutes in range(1, 60):
        access.still_open([("person", 7)], by="staff:1", at=AT + timedelta(minutes=minutes))
    assert looks(61) == 1


def test_after_a_shift_a_record_is_not_open_and_its_note_is_thrown_away(looks):
    looks(0)
    for hours, still in ((11, True), (24, False)):
        assert bool(access.still_open([("person", 7)], by="staff:1", at=AT + timedelta(hours=hours))) is still
    assert access.forget_opened(at=AT + timedelta(hours=34)) == 0
    assert access.forget_opened(at=AT + timedelta(hours=36)) == 1
