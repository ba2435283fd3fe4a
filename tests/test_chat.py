"""A chat from both ends, as the rooms see it: nothing doubled, nothing lost, nothing private sent, and nobody forgotten who fell silent."""

from datetime import timedelta

import pytest

from tests import world
from watchroom.assessment import queries as assessment
from watchroom.contacts import actions as contacts
from watchroom.contacts.chat import actions as chats
from watchroom.contacts.chat import queries
from watchroom.contacts.models import Contact, Line
from watchroom.demand.queries.day import contact_rows
from watchroom.demand.rules import counting
from watchroom.duties import queries as owed
from watchroom.foundation.errors import Invalid, Refused
from watchroom.foundation.models import Fact


def begun(key: str = "chat", *, text: str = "He is in the next room", at=world.NIGHT) -> Contact:
    return chats.begin(key=key, text=text, by="public", at=at)[0]


def answered(key: str = "chat", *, name: str = "bryn", **more) -> Contact:
    row = begun(key, **more)
    member = world.a_member(name, "handler")
    return contacts.answer(contact=row.pk, member=member, by=member.code, at=row.transferred_at + timedelta(seconds=20))


def seen_at(row: Contact, at) -> None:
    chats.seen(queries.of(row.pk), at=at)


def facts(kind: str) -> list[dict]:
    return [fact.body for fact in Fact.objects.filter(kind=kind).order_by("pk")]


def test_a_message_sent_again_under_its_key_is_one(northmoor):
    row = answered()
    first = chats.hear(contact=row.pk, key="k", text="Are you there?", by="public", at=world.after(30))
    again = chats.hear(contact=row.pk, key="k", text="Are you there?", by="public", at=world.after(31))
    assert (first[1], again[1], first[0]) == (False, True, again[0])
    chats.hear(
        contact=row.pk, key="k", text="Are you there? Please", by="public", at=world.after(32)
    )  # typed on: another message
    texts = [line.text for line in queries.spoken(row.pk)]
    assert texts == ["He is in the next room", "Are you there?", "Are you there? Please"]
    assert queries.of(row.pk).said == 3


def test_who_waits_for_whom_is_known(northmoor):
    row = answered()
    assert queries.open_of(row.owner_id, at=world.after(25))[0].waits_since == world.NIGHT
    chats.say(contact=row.pk, text="I am with you.", by=row.owner.code, at=world.after(26))
    assert queries.open_of(row.owner_id, at=world.after(27))[0].waits_since is None
    chats.hear(contact=row.pk, key="a", text="Thanks", by="public", at=world.after(40))
    chats.hear(contact=row.pk, key="b", text="He has gone out", by="public", at=world.after(50))
    assert queries.open_of(row.owner_id, at=world.after(60))[0].waits_since == world.after(40)


def test_no_line_of_our_own_is_ever_among_what_they_see(northmoor):
    row = answered()
    contacts.write(contact=row.pk, text="Sounds coerced.", by=row.owner.code, at=world.after(25), written_at=world.after(25))
    chats.say(contact=row.pk, text="Is it safe now?", by=row.owner.code, at=world.after(26))
    assert [line.text for line in queries.spoken(row.pk)] == ["He is in the next room", "Is it safe now?"]


def test_what_we_ask_is_nothing_that_was_heard(northmoor):
    row = answered(text="Please help")
    chats.say(contact=row.pk, text="Has he a knife? Is he outside with a knife?", by=row.owner.code, at=world.after(26))
    assert "weapon" not in assessment.cues(row, at=world.after(30))
    chats.hear(contact=row.pk, key="k", text="He is outside with a knife", by="public", at=world.after(40))
    assert assessment.cues(row, at=world.after(41))


def test_only_who_has_it_writes_to_the_caller_and_only_while_it_is_open(northmoor):
    row = begun()
    with pytest.raises(Refused, match="Answer it first"):
        chats.say(contact=row.pk, text="Hello", by="staff:1", at=world.after(5))
    row = answered("second")
    with pytest.raises(Refused, match="Only they write to the caller"):
        chats.say(contact=row.pk, text="Hello", by="staff:999", at=world.after(25))
    contacts.end(contact=row.pk, how="caller", by="public", at=world.after(30))
    with pytest.raises(Refused, match="ended"):
        chats.say(contact=row.pk, text="Hello", by=row.owner.code, at=world.after(31))
    with pytest.raises(Refused, match="This chat has ended"):
        chats.hear(contact=row.pk, key="k", text="Hello", by="public", at=world.after(31))


def test_a_fifth_chat_is_refused_and_a_message_or_a_call_is_not(northmoor):
    for number in range(4):
        answered(f"chat-{number}")
    with pytest.raises(Refused, match="You have 4 chats open"):
        answered("chat-5")
    assert Contact.objects.filter(state="answered", channel="chat").count() == 4
    world.an_answered_call()


def test_an_open_chat_is_ended_before_it_is_written_up(northmoor):
    row = answered()
    with pytest.raises(Refused, match="The chat is still open"):
        contacts.wrap_up(contact=row.pk, by=row.owner.code, at=world.after(30))


# --- going away -----------------------------------------------------------------------------------------------------


def test_leaving_before_an_answer_is_abandoned_as_of_a_call(northmoor):
    row = begun()
    assert chats.sweep(at=world.after(89)) == 0
    assert chats.sweep(at=world.after(90)) == 1
    row.refresh_from_db()
    assert row.state == "abandoned"
    assert owed.is_owed("abandoned", ("contact", row.pk))


def test_a_page_that_keeps_asking_is_not_gone(northmoor):
    row = begun()
    for seconds in range(0, 600, 30):
        seen_at(row, world.after(seconds))
        assert chats.sweep(at=world.after(seconds)) == 0


def test_who_comes_back_has_their_old_place(northmoor):
    row = begun()
    chats.sweep(at=world.after(100))
    chats.hear(contact=row.pk, key="k", text="The signal was gone", by="public", at=world.after(130))
    row.refresh_from_db()
    assert (row.state, row.ended_at, row.transferred_at) == ("waiting", None, world.NIGHT)
    assert owed.is_owed("answer", ("contact", row.pk))
    assert not owed.is_owed("abandoned", ("contact", row.pk))
    assert facts("ChatCameBack") == [{"contact": row.pk, "after": "abandoned"}]


def test_gone_quiet_is_a_duty_to_look_and_closes_nothing(northmoor):
    row = answered()
    seen_at(row, world.after(60))
    assert chats.sweep(at=world.after(199)) == 0  # answered at 20 s: 179 s of silence
    assert chats.sweep(at=world.after(200)) == 1
    assert chats.sweep(at=world.after(300)) == 0  # said once
    row.refresh_from_db()
    assert row.state == "answered"
    (duty,) = owed.open_for(("contact", row.pk)).filter(kind="quiet")
    assert (duty.owner, duty.due_at) == (row.owner.code, world.after(320))
    assert facts("ChatWentQuiet") == [{"contact": row.pk, "how": "silent", "silent_s": 180.0}]
    contacts.end(contact=row.pk, how="handler", by=row.owner.code, at=world.after(400))
    with pytest.raises(Refused) as refused:
        contacts.wrap_up(contact=row.pk, by=row.owner.code, at=world.after(410))
    assert any("went quiet in a chat" in problem for problem in refused.value.problems)


def test_gone_quiet_is_counted_as_it_is_defined_and_apart_from_giving_up(northmoor):
    quiet, waiting = answered(), begun("waiting")
    answered("stays")
    chats.leave(contact=quiet.pk, by="public", at=world.after(25))
    chats.leave(contact=waiting.pk, by="public", at=world.after(25))
    rows = {row.id: row for row in contact_rows(Contact.objects.all())}
    assert [pk for pk, row in rows.items() if row.went_quiet] == [quiet.pk]
    assert counting.outcome(rows[waiting.pk]) == "abandoned"


def test_the_exit_of_their_page_is_known_at_once(northmoor):
    row = answered()
    chats.leave(contact=row.pk, by="public", at=world.after(25))
    assert facts("ChatWentQuiet") == [{"contact": row.pk, "how": "exit", "silent_s": 5.0}]
    assert owed.is_owed("quiet", ("contact", row.pk))
    assert Contact.objects.get(pk=row.pk).state == "answered"


def test_a_word_from_them_settles_it_and_so_does_who_looked(northmoor):
    row = answered()
    chats.leave(contact=row.pk, by="public", at=world.after(25))
    chats.hear(contact=row.pk, key="k", text="I am back", by="public", at=world.after(50))
    assert not owed.is_owed("quiet", ("contact", row.pk))
    assert queries.of(row.pk).quiet_at is None
    chats.leave(contact=row.pk, by="public", at=world.after(60))
    with pytest.raises(Invalid):
        chats.look(contact=row.pk, text="ok", by=row.owner.code, at=world.after(70))
    chats.look(contact=row.pk, text="A unit passes by, no lights.", by=row.owner.code, at=world.after(80))
    assert not owed.is_owed("quiet", ("contact", row.pk))
    assert Line.objects.filter(contact=row, text__startswith="Gone quiet, looked: A unit").exists()
    with pytest.raises(Refused, match="somebody has looked already"):
        chats.look(contact=row.pk, text="A unit passes by, no lights.", by=row.owner.code, at=world.after(90))


# --- passing it on --------------------------------------------------------------------------------------------------


def test_passed_on_with_a_note_and_with_all_that_is_owed(northmoor):
    row, other = answered(), world.a_member("carys", "handler")
    first = row.owner
    with pytest.raises(Invalid):
        chats.pass_on(contact=row.pk, to=other, note=" ", by=first.code, at=world.after(30))
    chats.pass_on(contact=row.pk, to=other, note="Speaks Welsh only", by=first.code, at=world.after(31))
    row.refresh_from_db()
    assert row.owner == other
    assert {duty.owner for duty in owed.open_for(("contact", row.pk))} == {other.code}
    note = Line.objects.get(contact=row, text__contains="Speaks Welsh only")
    assert note.origin == "handler"  # the caller does not see it
    with pytest.raises(Refused):
        chats.say(contact=row.pk, text="One more thing", by=first.code, at=world.after(32))


def test_nobody_is_passed_a_fifth(northmoor):
    other = world.a_member("carys", "handler")
    for number in range(4):
        answered(f"hers-{number}", name="carys")
    row = answered("his")
    with pytest.raises(Refused, match="as many chats open"):
        chats.pass_on(contact=row.pk, to=other, note="Please", by=row.owner.code, at=world.after(31))
    with pytest.raises(Refused, match="takes no contacts"):
        chats.pass_on(contact=row.pk, to=world.a_member("dee", "analyst"), note="Please", by=row.owner.code, at=world.after(31))


# --- on the desk ----------------------------------------------------------------------------------------------------


def test_the_desk_shows_the_conversation_apart_from_the_log(northmoor):
    client = world.signed_in("bryn", "handler")
    row = answered()
    page = client.get(f"/desk/{row.pk}/").content.decode()
    assert f'id="chat-tab-{row.pk}"' in page
    assert 'data-key="F10 F10 1"' in page
    panel = client.get(f"/desk/{row.pk}/chat/").content.decode()
    assert "To the caller: they see this at once" in panel
    assert "He is in the next room" in panel
    answer = client.post(f"/desk/{row.pk}/chat/say/", {"text": "I am with you.", "key": "1"}, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    client.post(f"/desk/{row.pk}/chat/say/", {"text": "I am with you.", "key": "1"}, headers={"HX-Request": "true"})
    assert [line.text for line in queries.spoken(row.pk)] == ["He is in the next room", "I am with you."]
    assert "To the caller" in client.get(f"/incidents/of/{row.pk}/log/").content.decode()


def test_nothing_is_sent_by_an_often_given_answer_itself(northmoor):
    client = world.signed_in("bryn", "handler")
    row = answered()
    panel = client.get(f"/desk/{row.pk}/chat/").content.decode()
    assert "put into the field, not sent" in panel
    assert [line.origin for line in queries.spoken(row.pk)] == ["caller"]


def test_the_fifth_is_refused_to_the_person_in_a_sentence(northmoor):
    client = world.signed_in("bryn", "handler")
    for number in range(4):
        answered(f"chat-{number}")
    row = begun("fifth")
    answer = client.post(f"/contacts/{row.pk}/answer/", headers={"HX-Request": "true"})
    assert answer.status_code == 409
    assert "You have 4 chats open" in answer.json()["problem"]


def test_what_a_machine_calls_a_chat_takes_no_answer_here(northmoor):
    client = world.signed_in("bryn", "handler")
    row = world.an_answered_call(channel="chat")
    assert "came in by a machine" in client.get(f"/desk/{row.pk}/chat/").content.decode()
    answer = client.post(f"/desk/{row.pk}/chat/say/", {"text": "Hello"}, headers={"HX-Request": "true"})
    assert answer.status_code == 409


def test_what_we_write_to_the_caller_lies_in_the_chain_without_words(northmoor):
    row = answered()
    chats.say(contact=row.pk, text="Zyxwvut, I am with you.", by=row.owner.code, at=world.after(26))
    body = Fact.objects.filter(kind="LineWritten").order_by("-pk").first().body
    assert body["origin"] == "to_caller"
    assert "Zyxwvut" not in str(body)


# --- each protection by itself --------------------------------------------------------------------------------------


def test_a_question_for_news_that_comes_late_makes_nobody_look_gone(northmoor):
    row = begun()
    stale = queries.of(row.pk)
    seen_at(row, world.after(60))
    chats.seen(stale, at=world.after(30))
    assert queries.of(row.pk).seen_at == world.after(60)


def test_only_whoever_has_it_is_said_to_write_and_passes_it_on(northmoor):
    row, carys = answered(), world.a_member("carys", "handler")
    chats.note_writing(contact=row.pk, by=carys.code, at=world.after(30))
    assert queries.of(row.pk).writing_at is None
    chats.note_writing(contact=row.pk, by=row.owner.code, at=world.after(31))
    assert queries.of(row.pk).writing_at == world.after(31)
    with pytest.raises(Refused):
        chats.pass_on(contact=row.pk, to=carys, note="I take it", by=carys.code, at=world.after(32))
    assert Contact.objects.get(pk=row.pk).owner == row.owner


def test_who_is_back_between_the_two_looks_of_the_sweep_has_not_given_up(northmoor, monkeypatch):
    row, lock = begun(), chats._lock

    def back_by_now(contact: int) -> Contact:
        seen_at(row, world.after(600))
        return lock(contact)

    monkeypatch.setattr(chats, "_lock", back_by_now)
    assert chats.sweep(at=world.after(601)) == 0
    assert Contact.objects.get(pk=row.pk).state == "waiting"
