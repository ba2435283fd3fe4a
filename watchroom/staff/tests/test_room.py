"""Who is in the room: whoever has a live screen open."""

from datetime import UTC, datetime, timedelta

from watchroom.foundation import scope
from watchroom.staff import actions, queries
from watchroom.staff.models import Member, Presence

AT = datetime(2026, 11, 22, 3, 12, tzinfo=UTC)


def member(name: str, **more) -> Member:
    return Member.objects.create(name=name, full_name=name.title(), roles=["handler"], password="!", **more)


def here(at: datetime) -> list[str]:
    return [seen.member.name for seen in queries.room_now(at)]


def test_somebody_with_an_open_screen_is_here_and_gone_soon_after_it_is_closed(northmoor):
    bryn = member("bryn")
    assert here(AT) == []
    actions.seen(member=bryn.pk, at=AT)
    assert here(AT + timedelta(seconds=149)) == ["bryn"]
    assert here(AT + timedelta(seconds=151)) == []
    actions.seen(member=bryn.pk, at=AT + timedelta(seconds=160))
    assert here(AT + timedelta(seconds=161)) == ["bryn"]


def test_being_seen_changes_neither_what_they_chose_to_be_nor_since_when(northmoor):
    bryn = member("bryn")
    actions.show_state(member=bryn, state="break", at=AT)
    actions.seen(member=bryn.pk, at=AT + timedelta(minutes=1))
    row = Presence.objects.get()
    assert (row.state, row.since, row.seen_at) == ("break", AT, AT + timedelta(minutes=1))


def test_an_earlier_moment_never_sets_the_clock_back(northmoor):
    bryn = member("bryn")
    actions.seen(member=bryn.pk, at=AT)
    actions.seen(member=bryn.pk, at=AT - timedelta(minutes=5))
    assert Presence.objects.get().seen_at == AT


def test_who_has_left_the_force_is_not_here(northmoor):
    gone = member("gone", is_active=False)
    actions.seen(member=gone.pk, at=AT)
    assert here(AT) == []


def test_another_forces_room_is_its_own(northmoor):
    actions.seen(member=member("bryn").pk, at=AT)
    with scope.use("southmere"):
        assert here(AT) == []


def test_a_duty_may_be_given_to_a_desk_or_an_active_member_and_to_nobody_else(northmoor):
    bryn, gone = member("bryn"), member("gone", is_active=False)
    assert queries.may_own("desk:despatch")
    assert queries.may_own(bryn.code)
    for code in ("", "desk:nowhere", gone.code, "staff:", "staff:0", "staff:x", str(bryn.pk), "public", "system:sweeper"):
        assert not queries.may_own(code), code
    with scope.use("southmere"):
        assert not queries.may_own(bryn.code)


def test_desks_have_names(northmoor):
    assert queries.name("desk:despatch") == "Despatch desk"
