"""What one person did is theirs to read. Who else may, and how far back, is policy; a look at somebody is kept."""

import ast
import re
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import watchroom
from tests import world
from watchroom.force import queries as force
from watchroom.force.policy import States, StatesReader
from watchroom.foundation import access, clock, facts
from watchroom.foundation.models import Fact
from watchroom.staff import actions, history, reading, roles
from watchroom.staff.facts import LoggedOut
from watchroom.staff.models import Presence

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUSE = Path(watchroom.__file__).parent

# --- the rule -----------------------------------------------------------------------------------------------------------

ROLE = st.sampled_from(sorted(roles.ROLES))
READER = st.builds(StatesReader, code=ROLE, label=st.just("They"), hours=st.integers(0, 9000), gives_reason=st.booleans())
POLICY = st.builds(
    States, now=st.lists(ROLE, max_size=3).map(tuple), readers=st.lists(READER, max_size=4, unique_by=lambda r: r.code).map(tuple)
)


@st.composite
def stricter(draw: st.DrawFn, policy: States) -> States:
    """Fewer roles, fewer hours, more reasons."""
    kept = [one for one in policy.readers if draw(st.booleans())]
    less = [
        one.model_copy(update={"hours": draw(st.integers(0, one.hours)), "gives_reason": one.gives_reason or draw(st.booleans())})
        for one in kept
    ]
    return policy.model_copy(update={"readers": tuple(less), "now": tuple(one for one in policy.now if draw(st.booleans()))})


@given(st.data(), POLICY, st.sets(ROLE), st.booleans())
def test_under_a_stricter_policy_nobody_reads_more(data, policy, mine, has_reason):
    strict = data.draw(stricter(policy))
    asked = {"is_self": False, "roles": mine, "has_reason": has_reason, "at": AT}
    before, after = reading.since(policy=policy, **asked), reading.since(policy=strict, **asked)
    assert before is not None
    assert after is not None
    assert before <= after <= AT
    assert reading.sees_now(mine, policy) or not reading.sees_now(mine, strict)
    assert reading.since(policy=policy, **{**asked, "has_reason": False}) >= before, "a reason never takes anything away"


@given(POLICY, st.sets(ROLE), st.booleans())
def test_everybody_always_reads_all_of_their_own(policy, mine, has_reason):
    assert reading.since(is_self=True, roles=mine, has_reason=has_reason, policy=policy, at=AT) is None


TOLD = st.lists(st.tuples(st.integers(0, 3000), st.sampled_from(["available", "on_call", "break"])), max_size=8)


@given(TOLD, st.none() | st.integers(0, 2880))
def test_what_is_shown_never_says_what_was_before_the_time_that_may_be_read(told, hours):
    start = AT - timedelta(days=1)
    rows = sorted((start - timedelta(hours=10) + timedelta(minutes=m), state) for m, state in told)
    since = None if hours is None else start + timedelta(minutes=hours)
    for one in reading.spells(rows, start=start, end=AT, since=since, at=AT):
        first = max(start, since) if since else start
        assert one.begins is None or first <= one.begins < AT
        assert one.ends is None or first < one.ends <= AT


# --- the one way to read ------------------------------------------------------------------------------------------------


@pytest.fixture
def bryn(northmoor):
    """A handler: on a break three days ago, ready an hour ago."""
    member, at = world.a_member("bryn", "handler"), clock.now()
    actions.show_state(member=member, state="break", at=at - timedelta(days=3))
    facts.tell(LoggedOut(member=member.pk), by=member.code, at=at - timedelta(days=3) + timedelta(hours=1))
    actions.show_state(member=member, state="available", at=at - timedelta(seconds=10))
    return member


def looks(bryn) -> list[access.Entry]:
    at = clock.now()
    found = access.read(
        since=at - timedelta(days=1), until=at + timedelta(days=1), by="staff:1", at=at, subject=("member", bryn.pk)
    )
    return list(found.entries)


def days_ago(number: int) -> str:
    return (force.local_day(clock.now()) - timedelta(days=number)).isoformat()


def test_a_person_reads_their_own_of_any_day_and_who_else_may_and_that_is_no_look(bryn):
    client = world.signed_in("bryn")
    page = client.get("/states/").content.decode()
    assert "<td>ready</td>" in page
    assert "Supervisors: 24 hours back" in page
    assert "Professional standards and audit: a year back, with a written reason" in page
    old = client.get(f"/states/?day={days_ago(3)}").content.decode()
    assert "<td>on a break</td>" in old
    assert looks(bryn) == []


def test_a_colleague_reads_nothing_of_hers(bryn):
    hana = world.a_member("hana", "handler")
    client = world.signed_in("hana")
    assert client.get(f"/states/{bryn.pk}/").status_code == 403
    assert bryn.full_name not in client.get("/states/").content.decode()
    today = force.local_day(clock.now())
    assert history.day_of(bryn, day=today, reader=hana, because="I should like to know.", at=clock.now()) is None


def test_a_supervisor_reads_today_by_name_and_not_the_week_and_each_look_is_kept(bryn):
    client = world.signed_in("marian", "supervisor")
    assert "<td>ready</td>" in client.get(f"/states/{bryn.pk}/").content.decode()
    client.get(f"/states/{bryn.pk}/")
    entries = looks(bryn)
    assert [(one.kind, one.reason[:10]) for one in entries] == [("consultation", "states of ")] * 2, (
        "each look, and not once in a while"
    )
    old = client.get(f"/states/{bryn.pk}/?day={days_ago(3)}").content.decode()
    assert "Not for you to read" in old
    assert "on a break" not in old
    assert len(looks(bryn)) == 2, "what shows nothing is no look"


def test_of_a_day_that_is_half_out_of_reach_only_the_rest_is_shown(bryn):
    marian, at = world.a_member("marian", "supervisor"), clock.now()
    zone = force.timezone()
    noon = datetime.combine(force.local_day(at) - timedelta(days=1), time(12), zone)
    actions.show_state(member=bryn, state="other", at=noon - timedelta(hours=4))
    actions.show_state(member=bryn, state="on_call", at=noon - timedelta(hours=2))
    actions.show_state(member=bryn, state="wrap_up", at=noon + timedelta(hours=2))
    found = history.day_of(bryn, day=noon.date(), reader=marian, because="", at=noon + timedelta(hours=24))
    assert [(one.state, one.begins) for one in found] == [("on_call", None), ("wrap_up", noon + timedelta(hours=2))]


def test_professional_standards_read_further_with_a_reason_that_is_kept_and_stands_in_no_address(bryn):
    client = world.signed_in("ines", "auditor")
    asked = client.get(f"/states/{bryn.pk}/?day={days_ago(3)}").content.decode()
    assert "without a reason" in asked
    assert "on a break" not in asked
    assert looks(bryn) == []
    sent = {"day": days_ago(3), "because": "hm"}
    assert client.post(f"/states/{bryn.pk}/", sent).status_code == 422
    page = client.post(f"/states/{bryn.pk}/", {**sent, "because": "Complaint 212 is about that hour."}).content.decode()
    assert "<td>on a break</td>" in page
    assert "<td>logged out</td>" in page
    assert looks(bryn)[0].reason.endswith("Complaint 212 is about that hour.")
    assert (
        client.post(f"/states/{bryn.pk}/", {"day": days_ago(400), "because": "Complaint 212 again."})
        .content.decode()
        .count("<td>")
        == 0
    )


def test_a_force_that_lets_nobody_read_back_lets_nobody(bryn, monkeypatch):
    policy = force.policy_at(clock.now())
    none = type(policy)(policy.number, policy.policy.model_copy(update={"states": States(now=(), readers=())}))
    monkeypatch.setattr(force, "policy_at", lambda at: none)
    client = world.signed_in("marian", "supervisor")
    assert "lets none of your roles" in client.get(f"/states/{bryn.pk}/").content.decode()
    assert client.get("/states/").content.decode().count("/states/") == 0
    actions.seen(member=bryn.pk, at=clock.now())
    room = client.get("/supervisor/").content.decode()
    assert "1 ready" in room
    assert "Bryn" not in room
    assert "<td>ready</td>" in world.signed_in("bryn").get("/states/").content.decode()


def test_the_room_now_is_shown_by_name_to_who_runs_it(bryn):
    actions.seen(member=bryn.pk, at=clock.now())
    assert "Bryn" in world.signed_in("marian", "supervisor").get("/supervisor/").content.decode()


def test_policy_names_only_roles_that_there_are(northmoor):
    policy = force.policy_at(clock.now()).policy.states
    assert {*policy.now, *(one.code for one in policy.readers)} <= set(roles.ROLES)
    for one in policy.readers:
        assert "staff.states" in roles.ROLES[one.code], f"{one.code} may read by policy, and has no permission"


@pytest.mark.parametrize("day", ["x", "0001-01-01", "9999-12-31", "2026-13-01"])
def test_a_day_that_cannot_be_is_said(bryn, day):
    assert world.signed_in("bryn").get(f"/states/?day={day}").status_code == 422


# --- nowhere else -------------------------------------------------------------------------------------------------------


def sources():
    for path in HOUSE.rglob("*.py"):
        if not {"tests", "migrations"} & set(path.parts):
            yield path.relative_to(HOUSE).as_posix(), path.read_text()


def test_nothing_else_in_the_house_reads_one_persons_states():
    """Whoever comes to need them goes by `history.day_of`, or is named here with why."""
    may = {
        "staff/facts.py",  # what it is
        "staff/actions.py",  # told here
        "staff/views.py",  # logging in and out are told here
        "staff/history.py",  # read here
        "desk/supervisor_live.py",  # says that something changed, not of whom
        "bench/facts.py",  # writes many
    }
    said = {name for name, text in sources() if any(kind in text for kind in ("StateChanged", "LoggedIn", "LoggedOut"))}
    assert said == may
    assert {name for name, text in sources() if "Presence" in text} == {"staff/actions.py", "staff/models.py", "staff/queries.py"}


def test_no_page_puts_persons_beside_numbers_of_their_states(bryn):
    """No ranking: the page of others has their names, in the order of the alphabet, and not one number."""
    for name in ("zoe", "adam"):
        world.a_member(name, "handler")
    page = world.signed_in("marian", "supervisor").get("/states/").content.decode()
    panel = page[page.index("h-others") :]
    assert panel.index("Adam") < panel.index("Bryn") < panel.index("Zoe")
    listed = re.findall(r"<li>.*?</li>", panel)
    assert len(listed) >= 3
    for one in listed:
        assert re.fullmatch(r'<li><a href="/states/\d+/">[^<\d]+</a></li>', one), "a name, and nothing beside it"


# --- what is not measured -----------------------------------------------------------------------------------------------


def test_no_fact_has_a_field_for_keys_pressed_or_words_unsent():
    measured = ("keystroke", "keypress", "draft", "unsent", "idle", "mouse", "per_minute")
    kinds = [node for name, text in sources() if name.endswith("facts.py") for node in ast.walk(ast.parse(text))]
    fields = {node.target.id for node in kinds if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)}
    assert len(fields) > 50
    assert {name for name in fields if any(word in name.lower() for word in measured)} == set()
    names = {node.name for node in kinds if isinstance(node, ast.ClassDef)}
    assert {name for name in names if any(word in name.lower() for word in measured)} == set()


def test_an_unsent_word_makes_no_fact_and_changes_nobodys_state(bryn):
    client, call = world.signed_in("bryn"), world.an_answered_call()
    before, was = Fact.objects.count(), list(Presence.objects.values())
    for text in ("H", "He", "He is", "He is at the door"):
        answer = client.put(f"/drafts/contact:{call.pk}:line", text, content_type="text/plain")
        assert answer.status_code < 300, answer.content
    assert Fact.objects.count() == before
    assert list(Presence.objects.values()) == was


def test_no_figure_is_drawn_from_drafts_or_from_who_is_writing_or_from_one_persons_states():
    reads = re.compile(
        r"watchroom\.shell|\bwriting\b.*import|import.*\bwriting\b|staff\.history|staff import.*\bhistory\b|\bDraft\b"
    )
    demand = [(name, text) for name, text in sources() if name.startswith(("demand/queries/", "demand/rules/"))]
    assert len(demand) > 10
    assert {name for name, text in demand if reads.search(text)} == set()
    definitions = (HOUSE / "demand/data/definitions.toml").read_text().lower()
    assert not any(word in definitions for word in ("keystroke", "draft", "typing"))
