"""Who rings, and who else works here tonight? The process that keeps the demo alive.

Callers come by `scripts.arrivals` and speak over the simulated trunk. Colleagues of the person at the keyboard take what
she leaves: a call that nobody answers in time, an incident that no unit was sent to. Crews drive, arrive, find what there
was to find, and clear. Everybody goes through the rooms' own actions, by name.
"""

import contextlib
import io
import math
import os
import random
import re
import time
import wave
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from django.db import OperationalError, connections, transaction

from watchroom.foundation import clock, scope
from watchroom.foundation.errors import Refused

FORCE = "northmoor"
TICK_S = 0.5
# How long colleagues leave something to the person at the keyboard, in seconds.
PATIENCE = {
    "999": 25,
    "emergency_sms": 25,
    "101": 60,
    "callback": 180,
    "written": 90,
    "force": 60,
    "grade": 50,
    "send": 45,
    "resolve": 120,
}
CALLBACK_AFTER_S, CALLBACK_EACH = 40, 3  # of those who wait on 101, every third hangs up to be rung, where one is promised
HERS, STORY_PATIENCE = "knife-at-the-door", 150  # the call of the design's night is hers for longer
DRIVE_S, ON_SCENE_S = (20, 70), (60, 150)  # compressed: a demo is watched for minutes, not nights
PICKS_UP_S = 4  # what rings at the colleague's own desk
COLLEAGUE = "handler2"
COLLEAGUES = 2  # calls that colleagues handle at a time
SENT_AT_ONCE = 5  # jobs looked at for one that a unit can be sent to
COLLEAGUE_STEP_S = 7  # between two things that a colleague does with one
BOX = "round_the_clock"  # of the answerphone

log = structlog.get_logger()


@dataclass
class Call:
    """An arrival that has reached the room."""

    arrival: Any  # scripts.Arrival
    contact: int
    spoken: int = 0
    located: int = 0  # positions that were sent
    state: str = "waiting"
    colleague_since: datetime | None = None
    steps: int = 0
    gone: bool = False
    asked: bool = False  # whether they want to be rung back
    agreed: bool = False
    is_left: bool = False  # by the colleague, to others


@dataclass
class Room:
    """All that goes on, between two ticks."""

    rng: random.Random
    calls: dict[int, Call] = field(default_factory=dict)
    next_door: dict[int, Call] = field(default_factory=dict)  # at the other force (`neighbours`)
    scripts: dict[int, Any] = field(default_factory=dict)  # contact → what is true of it, for as long as we run
    arrive_at: dict[int, datetime] = field(default_factory=dict)  # deployment → when
    clear_at: dict[int, datetime] = field(default_factory=dict)
    said: tuple[str, datetime] | None = None  # what the colleague last said they do, and when


def main() -> None:
    """Run until we are ended; what fails is logged by its class and tried again."""
    from watchroom.cli import prepare

    prepare()
    from watchroom.foundation import logs

    logs.configure("callers")
    from watchroom.demo import city as towns
    from watchroom.demo import people as histories
    from watchroom.demo import scripts

    now = clock.now().astimezone(ZoneInfo("Europe/London"))
    town = towns.build()
    people = histories.build(town, at=now)
    pace = float(os.environ.get("WATCHROOM_DEMO_PACE", "1"))
    arrivals = scripts.arrivals(town, people, at=now, hours=24 * 7, rate_scale=pace)
    coming = next(arrivals)
    room = Room(random.Random(1))
    _hang_up(clock.now())
    while True:
        began = time.monotonic()
        at = clock.now()
        try:
            while coming.time <= at:
                _arrive(room, coming)
                coming = next(arrivals)
            _tick(room, at)
        except OperationalError as error:
            log.warning("demo_waits_for_database", error=type(error).__name__)
            connections.close_all()
            time.sleep(1)
        except StopIteration:
            return
        except Exception as error:
            log.error("demo_step_failed", exc_info=error)  # with its place: else nobody finds which step it was
        time.sleep(max(0.05, TICK_S - (time.monotonic() - began)))


# --- Callers


def _hang_up(at: datetime) -> None:
    """Whoever rang before the demo was stopped is not on the line any more: nobody would speak."""
    from watchroom.contacts.models import Contact
    from watchroom.links.trunk import actions as trunk

    with scope.use(FORCE), transaction.atomic():
        for row in Contact.objects.filter(channel__in=("999", "101"), state__in=("waiting", "answered")):
            trunk.hang_up(contact=row.pk, at=at)  # who is owed a callback goes on waiting for it


def _arrive(room: Room, arrival) -> None:
    """Somebody gets in touch, by the door of their channel."""
    from watchroom.demo import neighbours

    call = Call(arrival, 0)
    if arrival.script.heard_by != FORCE:
        neighbours.arrive(room, call)
        return
    _locate(call, arrival.time)  # what is quicker than the call
    with scope.use(FORCE), transaction.atomic():
        contact = _reach(call, arrival)
    call.contact = contact.pk
    room.calls[contact.pk] = call
    room.scripts[contact.pk] = arrival.script


def _reach(call: Call, arrival):
    from watchroom.contacts import actions as contacts
    from watchroom.contacts.answerphone import actions as answerphone
    from watchroom.contacts.chat import actions as chat
    from watchroom.links.social import actions as social
    from watchroom.links.trunk import actions as trunk

    script, at = arrival.script, arrival.time
    safe = {
        "safe_contact": script.safe.contact,
        "safe_ways": list(script.safe.ways),
        "safe_times": script.safe.times,
        "may_leave_message": script.safe.message,
    }
    if script.channel in ("999", "101"):
        return trunk.ring(call=arrival.key, channel=script.channel, number=arrival.number, at=at, marks=script.marks)
    if script.channel in ("chat", "emergency_sms"):
        call.spoken = 1
        first = arrival.moments[0].text
        if script.channel == "chat":
            return chat.begin(key=arrival.key, text=first, by="portal", at=at, **safe)[0]
        return chat.text(key=f"{arrival.key}:0", number=arrival.number, text=first, by="link:texts", at=at)[0]
    if script.channel == "social":
        return social.receive(message=_message(arrival), at=at)[0]
    if script.channel == "answerphone":
        seconds = int(max((moment.at for moment in arrival.moments), default=0)) + 6
        left = {"recording": _recording(), "transcript": arrival.text, "seconds": seconds, "caller_number": arrival.number}
        return answerphone.leave(key=arrival.key, box=BOX, by="link:exchange", at=at, **left)[0]
    return contacts.receive(
        key=arrival.key,
        channel=script.channel,
        transferred_at=at,
        by="public",
        at=at,
        caller_number=arrival.number,
        caller_name=arrival.name,
        caller_email=arrival.email,
        text=arrival.text or script.title,
        place_said=arrival.said,
        **safe,
    )[0]


def _message(arrival):
    """As a gateway would hand it in, on a platform that is invented as all of it."""
    from watchroom.links.social import protocol

    account = f"@{re.sub('[^a-z]+', '.', arrival.name.lower()).strip('.') or 'nobody'}"
    return protocol.Message.model_validate(
        {
            "protocol": protocol.NAME,
            "platform": "harbourly",
            "id": arrival.key,
            "conversation": arrival.key,
            "from": {"account": account, "name": arrival.name},
            "text": arrival.text,
            "sent_at": arrival.time,
        }
    )


def _recording():
    """Three quiet tones: there is no voice in the demo, and the player has something to play."""
    from watchroom.foundation.vault import Incoming

    out, rate = io.BytesIO(), 8000
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(rate)
        file.writeframes(
            bytes(
                128 + int(20 * math.sin(2 * math.pi * (330, 392, 330)[n * 3 // (2 * rate)] * n / rate)) for n in range(2 * rate)
            )
        )
    incoming = Incoming("message.wav", 1_000_000)
    incoming.take(out.getvalue())
    incoming.finish()
    return incoming


def _tick(room: Room, at: datetime) -> None:
    from watchroom.contacts.models import Contact
    from watchroom.demo import neighbours
    from watchroom.staff.models import Member

    with scope.use(FORCE), transaction.atomic():
        rows = {c.pk: c for c in Contact.objects.select_related("owner").filter(pk__in=room.calls)}
        dawit = Member.objects.get(name=COLLEAGUE)
    _show(room, rows, dawit, at)
    own_first = sorted(room.calls.items(), key=lambda pair: pair[0] not in rows or rows[pair[0]].offered_to_id != dawit.pk)
    for pk, call in own_first:
        if pk in rows:
            try:
                _locate(call, at)
                _speak(call, rows[pk], at)
                _agree(call, rows[pk], at)
                _help(room, call, rows[pk], dawit, at)
            except Refused as error:  # of this one; the others and the crews go on
                log.error("demo_step_failed", exc_info=error)
        if call.gone:
            del room.calls[pk]
    _send(at)
    _look(at)
    _drive(room, at)
    neighbours.tick(room, at)


def _locate(call: Call, at: datetime) -> None:
    """What handset and network have sent of this caller by now, through the link's own door."""
    from watchroom.demo import positions
    from watchroom.links.eisec_aml import actions as link

    arrival = call.arrival
    for sent in positions.sent(arrival)[call.located :]:
        if at < arrival.time + timedelta(seconds=sent.after):
            return
        call.located += 1
        # one that was found too long ago, because we were stopped meanwhile, is refused and not missed
        with contextlib.suppress(Refused), scope.use(FORCE), transaction.atomic():
            if isinstance(sent.says, str):
                link.hear_text(text=sent.says, number=arrival.number, at=at)
            else:
                link.hear_record(record=sent.says, at=at)


def _agree(call: Call, contact, at: datetime) -> None:
    """By key, as the attendant of a real exchange offers it: a callback, where one can be kept."""
    from watchroom.contacts.callbacks import actions as callbacks
    from watchroom.links.trunk import actions as trunk

    is_due = at >= contact.transferred_at + timedelta(seconds=CALLBACK_AFTER_S)
    if call.asked or contact.channel != "101" or contact.state != "waiting" or not is_due:
        return
    call.asked = True
    if contact.pk % CALLBACK_EACH == 0:
        with contextlib.suppress(Refused), scope.use(FORCE), transaction.atomic():
            callbacks.agree(contact=contact.pk, by=trunk.BY, at=at)
            trunk.hang_up(contact=contact.pk, at=at)
            call.agreed = True


def _speak(call: Call, contact, at: datetime) -> None:
    """What the caller says and does by now; before an answer, only giving up."""
    from watchroom.links.trunk import actions as trunk

    if contact.channel in ("chat", "emergency_sms"):
        _type(call, contact, at)
    if not contact.is_call:
        return
    with scope.use(FORCE), transaction.atomic():
        for moment in call.arrival.moments[call.spoken :]:
            since = contact.transferred_at if moment.kind == "gives_up" else contact.answered_at
            if since is None or at < since + timedelta(seconds=moment.at) or contact.state not in ("waiting", "answered"):
                return
            call.spoken += 1
            if moment.kind == "gives_up":
                if contact.state == "waiting":
                    trunk.hang_up(contact=contact.pk, at=at)
                    call.gone = True
                return
            if moment.kind in ("cut_off", "hangs_up"):
                trunk.hang_up(contact=contact.pk, at=at, cut_off=moment.kind == "cut_off")
                return
            words = {"silence": "silence", "pressed_55": "55 pressed"}.get(moment.kind, moment.text)
            trunk.speak(contact=contact.pk, text=words, at=at, is_sound=moment.kind != "says")


def _type(call: Call, contact, at: datetime) -> None:
    """What they write once somebody is there; until then, and after it, the page of a chat stays open."""
    from watchroom.contacts.chat import actions as chat

    if contact.state not in ("waiting", "answered"):
        return
    with scope.use(FORCE), transaction.atomic():
        if contact.channel == "chat":
            chat.seen(contact.chat, at=at)
        for moment in call.arrival.moments[call.spoken :]:
            if contact.answered_at is None or at < contact.answered_at + timedelta(seconds=moment.at):
                return
            key = f"{call.arrival.key}:{call.spoken}"
            call.spoken += 1
            if contact.channel == "chat":
                chat.hear(contact=contact.pk, key=key, text=moment.text, by="portal", at=at)
            else:
                chat.text(key=key, number=contact.caller_number, text=moment.text, by="link:texts", at=at)


# --- Colleagues at the desks


def _show(room: Room, rows, dawit, at: datetime) -> None:
    """The colleague is ready for offers only while something has waited too long; else on other work, and the calls are hers."""
    from watchroom.staff import actions as staff

    is_needed = any(row.state == "waiting" and _is_left(room.calls[pk], row, at) for pk, row in rows.items())
    does = "available" if is_needed and _busy(room) < COLLEAGUES else "other"
    if room.said and room.said[0] == does and at < room.said[1] + timedelta(seconds=30):
        return
    room.said = (does, at)
    with scope.use(FORCE), transaction.atomic():
        staff.show_state(member=dawit, state=does, at=at)


def _is_left(call: Call, contact, at: datetime) -> bool:
    """Whether the person at the keyboard has left it for so long that a colleague helps."""
    script = call.arrival.script
    came = contact.channel if contact.channel == "force" else script.channel
    kind = "callback" if call.agreed else came if came in PATIENCE else "written"
    patience = STORY_PATIENCE if script.code == HERS else PATIENCE[kind]
    return at >= contact.transferred_at + timedelta(seconds=patience)


def _busy(room: Room) -> int:
    return sum(1 for call in room.calls.values() if call.colleague_since)


def _may_take(call: Call, contact, dawit, at: datetime) -> bool:
    """What rings at the colleague's own desk, once it has rung a moment; else what was left and rings at nobody's."""
    if contact.offered_to_id == dawit.pk:
        return at >= contact.offered_at + timedelta(seconds=PICKS_UP_S)
    return contact.offered_to_id is None and _is_left(call, contact, at)


def _help(room: Room, call: Call, contact, dawit, at: datetime) -> None:
    """A colleague takes what rings for them, or what nobody took, and works it through, a step at a time, at the pace of a person."""
    if call.colleague_since is None:
        is_passed_on = contact.is_live and contact.owner_id == dawit.pk  # to the colleague, by the person at the keyboard
        if contact.state != "waiting" and not is_passed_on:
            call.gone = contact.state in ("abandoned", "wrapped")
            return  # the person at the keyboard has it
        if not is_passed_on and (call.is_left or _busy(room) >= COLLEAGUES or not _may_take(call, contact, dawit, at)):
            return
        call.colleague_since = at
        call.steps = int(is_passed_on)  # it is answered
    steps = _steps(call)
    if at < call.colleague_since + timedelta(seconds=COLLEAGUE_STEP_S * call.steps) or call.steps >= len(steps):
        return
    with scope.use(FORCE), transaction.atomic():
        if steps[call.steps] is _end and not _is_theirs(call, contact, at):
            return
    step = steps[call.steps]
    call.steps += 1
    # also when it is refused: what is owed then stands on the colleague's list, and others ring
    call.gone |= call.steps == len(steps)
    try:
        with scope.use(FORCE), transaction.atomic():
            step(call, contact, dawit, at)
    except Refused:
        if step is not _answer:
            raise
        # somebody was quicker, they have just hung up, or it is not safe to ring them: the colleague leaves it to others
        call.colleague_since, call.steps, call.is_left = None, 0, True


def _steps(call: Call):
    if call.arrival.script.belongs == FORCE:
        return _answer, _note, _open, _assess, _grade, _resolve_or_leave, _end
    return _answer, _note, _assess, _hand_over, _end


def _hand_over(call: Call, contact, who, at: datetime) -> None:
    from watchroom.referrals.forces import sending

    script = call.arrival.script
    sending.hand_over(contact=contact.pk, to=script.belongs, because=script.because, risk=script.danger, by=who.code, at=at)


def _is_theirs(call: Call, contact, at: datetime) -> bool:
    """Whether nothing of it is on its way to another force; what they declined, the colleague takes up again."""
    from watchroom.referrals.forces import queries, sending

    row = queries.newest(contact.pk)
    if row is not None and row.state == "declined" and row.kept_at is None:
        sending.keep(contact=contact.pk, by=row.by, at=at)
    return queries.open_of(contact.pk) is None


def _answer(call: Call, contact, who, at: datetime) -> None:
    from watchroom.contacts import actions as contacts
    from watchroom.contacts.callbacks import queries as callbacks
    from watchroom.identity.lost import actions as lost

    if callbacks.of(contact.pk) is None:
        contacts.answer(contact=contact.pk, member=who, by=who.code, at=at)
        return
    lost.ring(contact=contact.pk, by=who.code, at=at, may_open_codes=False)
    lost.rang(contact=contact.pk, outcome="spoke", member=who, by=who.code, at=at)


def _note(call: Call, contact, who, at: datetime) -> None:
    from watchroom.contacts import actions as contacts
    from watchroom.contacts.answerphone import actions as answerphone
    from watchroom.contacts.chat import actions as chat

    if contact.channel in ("chat", "emergency_sms"):
        chat.say(contact=contact.pk, text="I am with you. I write down what you tell me.", by=who.code, at=at)
    if contact.channel == "answerphone":
        answerphone.listened(contact=contact.pk, member=who, by=who.code, at=at)
    said = [m.text for m in call.arrival.moments if m.kind == "says"][:2]
    if contact.is_call and said:
        contacts.write(contact=contact.pk, text=" ".join(said), by=who.code, at=at, written_at=at)


def _open(call: Call, contact, who, at: datetime) -> None:
    from watchroom.contacts import actions as contacts
    from watchroom.incidents import actions as incidents
    from watchroom.incidents import queries

    if _leads_to_nothing(call) or queries.of_contact(contact.pk):
        return
    place = _place(call.arrival.place)
    if place:
        contact = contacts.pick_place(contact=contact.pk, place=place, by=who.code, at=at)
    if contact.place_id or contact.place_said:
        incidents.open_incident(contact=contact.pk, kind=call.arrival.script.kind, by=who.code, at=at)


def _assess(call: Call, contact, who, at: datetime) -> None:
    from watchroom.assessment import queries

    if queries.is_saved(contact.pk):
        return
    assess(call.arrival.script, contact.pk, by=who.code, at=at)


def assess(script, contact: int, *, by: str, at: datetime) -> None:
    """The risk as it truly is, written down; in the scope of whose contact it is."""
    from watchroom.assessment import actions as assessment

    if script.nothing:
        assessment.nothing_heard(contact=contact, because=script.nothing, by=by, at=at)
        return
    for element, judged in script.risk.items():
        assessment.answer(contact=contact, element=element, level=judged.level, rationale=judged.why, by=by, at=at)
    assessment.save(contact=contact, by=by, at=at)


def _grade(call: Call, contact, who, at: datetime) -> None:
    from watchroom.incidents import actions as incidents
    from watchroom.incidents import queries

    incident = queries.of_contact(contact.pk)
    script = call.arrival.script
    if incident and script.grade and not incident.grade:
        why = script.despite or script.risk["risk"].why
        incidents.grade(incident=incident.pk, to=script.grade, justification=why, by=who.code, at=at)


def _resolve_or_leave(call: Call, contact, who, at: datetime) -> None:
    from watchroom.force import queries as force
    from watchroom.incidents import actions as incidents
    from watchroom.incidents import queries
    from watchroom.resolution import actions as resolution
    from watchroom.resolution import rules

    incident, script = queries.of_contact(contact.pk), call.arrival.script
    if not incident or not script.outcome:
        return
    policy, finds = force.policy_at(at).policy, script.finds or script.title
    asked = {q.code: False for q in policy.solvability} if rules.asks_solvability(incident.kind, policy) else None
    resolution.resolve(
        incident=incident.pk,
        outcome=script.outcome,
        text=finds,
        agency=script.agency,
        promised_for=at + timedelta(hours=2) if policy.rwd_outcome(script.outcome).needs_due else None,
        solvability=asked,
        advice=f"{script.title}. Keep the reference, and tell us if it happens again.",
        advice_way="read_out",
        by=who.code,
        at=at,
    )
    if not policy.rwd_outcome(script.outcome).needs_due:
        _decide_on_crime(incident.pk, script.closing, finds, by=who.code, at=at)
        incidents.close(
            incident=incident.pk,
            category=script.closing,
            result=finds,
            qualifiers=list(script.qualifiers),
            by=who.code,
            at=at,
        )


def _decide_on_crime(incident: int, category: str, finds: str, *, by: str, at: datetime) -> None:
    """Whether a crime is recorded, where somebody has to say so before the log is closed."""
    from watchroom.duties import queries as duties
    from watchroom.force import queries as force
    from watchroom.incidents import recording

    if not duties.is_owed("crime", ("incident", incident)):
        return
    if force.policy_at(at).policy.is_crime(category):
        recording.record(incident=incident, reference=f"42/{incident:06d}/{at:%y}", by=by, at=at)
    else:
        recording.no_crime(incident=incident, reason="not_amounting", account=f"As was found: {finds}", by=by, at=at)


def _end(call: Call, contact, who, at: datetime) -> None:
    from watchroom.contacts import actions as contacts
    from watchroom.links.trunk import actions as trunk

    script = call.arrival.script
    if contact.is_call:
        trunk.hang_up(contact=contact.pk, at=at)
    elif contact.channel in ("chat", "emergency_sms"):
        contacts.end(contact=contact.pk, how="handler", by=who.code, at=at)
    reason = script.reason if _leads_to_nothing(call) else ""
    contacts.wrap_up(contact=contact.pk, by=who.code, at=at, reason=reason, agency=script.agency if script.reason else "")


def _leads_to_nothing(call: Call) -> bool:
    return not call.arrival.script.grade and not call.arrival.script.outcome


def _place(spot):
    from watchroom.gazetteer import queries as gazetteer
    from watchroom.gazetteer.models import Place

    if spot.kind == "address":
        return Place.objects.filter(reference=spot.reference).first()
    return Place.objects.filter(label=spot.label).first() or gazetteer.find(spot.label, limit=1).first() if spot.label else None


# --- Crews


def _send(at: datetime) -> None:
    """The despatcher's colleague sends the suggested unit to what has waited too long for one, and that one can be suggested for."""
    from watchroom.dispatch import actions as dispatch
    from watchroom.dispatch import queries
    from watchroom.dispatch.models import Unit
    from watchroom.incidents.models import Incident
    from watchroom.staff.models import Member

    with scope.use(FORCE), transaction.atomic():
        late = at - timedelta(seconds=PATIENCE["send"])
        jobs = Incident.objects.filter(state="open", grade__in=("immediate", "priority"), graded_at__lte=late, deployments=None)
        for job in jobs.exclude(place=None).select_related("place", "place__beat").order_by("graded_at")[:SENT_AT_ONCE]:
            fit = [c for c in queries.suggestions(job, at=at) if not any("word of" in reason for reason in c.against)]
            if fit:
                priya = Member.objects.get(name="despatch")
                unit = Unit.objects.get(callsign=fit[0].unit.callsign)
                dispatch.assign(incident=job.pk, unit=unit.pk, by=priya.code, at=at)
                return


def _look(at: datetime) -> None:
    """Somebody looks again at what asks for it and has waited long enough for a person at this keyboard to have done it."""
    from watchroom.duties.models import Duty
    from watchroom.incidents import proposals
    from watchroom.staff.models import Member

    late = at - timedelta(seconds=PATIENCE["send"])
    with scope.use(FORCE), transaction.atomic():
        duty = Duty.objects.filter(
            kind__in=("look", "review"), settled_at=None, subject_kind="incident", due_at__lte=late
        ).first()
        if duty is None:
            return
        marian = Member.objects.get(name="supervisor")
        with contextlib.suppress(Refused):  # a closed log, or a risk that is not written yet: people do that
            proposals.look_again(
                incident=duty.subject_id,
                stage="review",
                changed="Read again with what has come since; it changes nothing.",
                victim="tried",
                victim_said="Rang once, no answer; tried again in a quarter of an hour.",
                changes={},
                by=marian.code,
                at=at,
            )


def _drive(room: Room, at: datetime) -> None:
    """Whoever was sent, by whomever: drives, arrives, and clears with what they found; then the job is closed."""
    from watchroom.dispatch import actions as dispatch
    from watchroom.dispatch.models import Deployment

    with scope.use(FORCE), transaction.atomic():
        running = list(Deployment.objects.filter(cleared_at=None).select_related("unit", "incident", "incident__place"))
    for deployment in running:
        unit, job = deployment.unit, deployment.incident
        if deployment.arrived_at is None:
            due = room.arrive_at.setdefault(deployment.pk, at + timedelta(seconds=room.rng.uniform(*DRIVE_S)))
            left = (due - at).total_seconds()
            with scope.use(FORCE), transaction.atomic():
                if job.place and left > 0:
                    share = min(1.0, TICK_S / left)
                    dispatch.locate(
                        unit=unit.pk, x=unit.x + (job.place.x - unit.x) * share, y=unit.y + (job.place.y - unit.y) * share, at=at
                    )
                elif left <= 0:
                    dispatch.arrive(incident=job.pk, unit=unit.pk, by="link:radio", at=at)
        else:
            due = room.clear_at.setdefault(deployment.pk, at + timedelta(seconds=room.rng.uniform(*ON_SCENE_S)))
            if at >= due:
                _finish(room, job, unit, at)


def _finish(room: Room, job, unit, at: datetime) -> None:
    from watchroom.dispatch import actions as dispatch
    from watchroom.dispatch.models import Deployment
    from watchroom.incidents import actions as incidents
    from watchroom.incidents.models import Involvement
    from watchroom.staff.models import Member

    with scope.use(FORCE), transaction.atomic():
        contact = Involvement.objects.filter(incident=job).order_by("at").values_list("contact_id", flat=True).first()
        script = room.scripts.get(contact or 0)
        finds = script.finds if script and script.finds else "Spoken to those there; all in order."
        dispatch.clear(incident=job.pk, unit=unit.pk, by="link:radio", at=at, result=finds)
        if Deployment.objects.filter(incident=job, cleared_at=None).exists():
            return
        priya = Member.objects.get(name="despatch")
        category = script.closing if script and script.closing else job.opening_category
        _decide_on_crime(job.pk, category, finds, by=priya.code, at=at)
        with contextlib.suppress(Refused):  # something is still owed: it stays on the board until a person has done it
            incidents.close(incident=job.pk, category=category, result=finds, by=priya.code, at=at)


if __name__ == "__main__":
    main()
