"""Handing a contact over to another force. Ours, with its duty and its time, until somebody there accepts it by name."""

import uuid
from datetime import datetime

from django.db import transaction

from watchroom.assessment import queries as assessment
from watchroom.contacts import actions as contacts
from watchroom.contacts import whereabouts
from watchroom.contacts.models import Contact
from watchroom.contacts.rules import LIVE
from watchroom.duties import actions as duties
from watchroom.duties.facts import DutyOverdue
from watchroom.force import queries as force
from watchroom.force.policy import Policy
from watchroom.foundation import access, digest, facts, scope
from watchroom.foundation.errors import Invalid, Refused
from watchroom.foundation.facts import Told
from watchroom.foundation.words import written
from watchroom.gazetteer import queries as gazetteer
from watchroom.identity.flags import queries as flags
from watchroom.identity.flags.rules import Flag
from watchroom.incidents import actions as incidents
from watchroom.incidents import queries as logs
from watchroom.incidents.models import Incident
from watchroom.referrals import facts as tells
from watchroom.referrals.forces import more, queries, rules
from watchroom.referrals.forces.document import Answer, Caller, Caution, Document, Judged, Position, Since, Where, fitting
from watchroom.referrals.models import ToForce
from watchroom.staff import queries as staff

DUTY, SUPERVISOR, SYSTEM = "accepted", "desk:supervisor", "system:referrals"
MOST_TEXT = 2000


def hand_over(*, contact: int, to: str, because: str, risk: str, by: str, at: datetime) -> ToForce:
    """Draw up what crosses, keep it, and owe that it is accepted. It is carried by a job; here nobody is called.

    `because` is why it is theirs, `risk` what has been heard of danger, both in words. Raises Invalid; Refused while it is on its way
    already, before anybody here has heard them, and where that force is not connected.
    """
    policy = force.policy_at(at).policy
    there = policy.handing_over.force(to)
    if there is None or to == scope.require():
        raise Invalid(to="Choose the force to which it belongs.")
    least = policy.handing_over.min_reason
    because = written(because, field="because", says="Write why it is theirs", least=least, most=MOST_TEXT)
    risk = written(
        risk, field="risk", says="Write what danger you have heard of, or that there is none", least=least, most=MOST_TEXT
    )
    with transaction.atomic():
        row = Contact.objects.select_for_update(of=("self",)).select_related("place", "owner").get(pk=contact)
        if row.state not in (Contact.State.ANSWERED, Contact.State.ENDED):
            raise Refused("Only what somebody here has answered, and not written up, can be handed over.")
        if (open_one := queries.open_of(row.pk)) is not None:
            raise Refused(f"It is on its way to {queries.label(open_one.to, policy)} already. Take it back first.")
        if why_not := queries.why_not(to):
            raise Refused(f"{there.label}: {why_not} Ring them{f' on {there.ring}' if there.ring else ''}; it stays ours.")
        incident = logs.of_contact(row.pk)
        canonical = policy.grade(incident.grade).canonical if incident and incident.grade else ""
        is_live = row.state == Contact.State.ANSWERED and row.channel in LIVE
        is_urgent = rules.is_urgent(is_live=is_live, canonical=canonical)
        due_at = rules.accept_by(at, is_urgent=is_urgent, policy=policy)
        drawn = _drawn(row, incident, policy, because=because, risk=risk, is_live=is_live, by=by, at=at).model_dump_json()
        sent = ToForce.objects.create(
            contact=row,
            key=uuid.uuid4().hex,
            to=to,
            document=Document.model_validate_json(drawn).model_dump(mode="json"),  # what is kept is what can be read there
            drawn=list(row.lines.order_by("pk").values_list("pk", flat=True)),
            risk=risk,
            because=because,
            is_urgent=is_urgent,
            by=by,
            at=at,
            due_at=due_at,
        )
        access.log("disclosure", subject=("contact", row.pk), reason=f"Handed over: {because}", by=by, at=at, recipient=to)
        duties.settle(DUTY, subject=("contact", row.pk), by=by, at=at)  # of an earlier one, which was declined
        duties.owe(kind=DUTY, subject=("contact", row.pk), owner=by, due_at=due_at, by=by, at=at)
        _write(sent, f"Handed over to {there.label}. It is ours until they accept it. Why: {because} Risk: {risk}", by=by, at=at)
        facts.tell(
            tells.HandedToForce(
                contact=row.pk, handover=sent.pk, to=to, is_urgent=is_urgent, due_at=due_at, digest=digest.of(sent.secret, drawn)
            ),
            by=by,
            at=at,
        )
        return sent


def recall(*, contact: int, by: str, at: datetime) -> ToForce:
    """It is wanted back. Whether somebody there was quicker, they say; until then it is ours as before. A repeat changes nothing."""
    with transaction.atomic():
        row = _open(contact)
        if row.state != "recalled":
            row.state = "recalled"
            row.save(update_fields=["state"])
            _write(row, f"Asked back from {queries.label(row.to, force.policy_at(at).policy)}.", by=by, at=at)
            facts.tell(tells.HandoverRecalled(contact=row.contact_id, handover=row.pk, to=row.to), by=by, at=at)
        return row


def keep(*, contact: int, by: str, at: datetime) -> ToForce:
    """They declined it, and a person here takes it up again: what was owed about the other force is done. A repeat changes nothing."""
    with transaction.atomic():
        row = ToForce.objects.select_for_update().filter(contact_id=contact).order_by("-at", "-pk").first()
        if row is None or row.state != "declined":
            raise Refused("Nothing of this contact was declined by another force.")
        if row.kept_at is None:
            row.kept_at = at
            row.save(update_fields=["kept_at"])
            duties.settle(DUTY, subject=("contact", contact), by=by, at=at)
            _write(row, "Taken up here again, after it was declined.", by=by, at=at)
            facts.tell(tells.HandoverKept(contact=contact, handover=row.pk), by=by, at=at)
        return row


def learn(*, handover: int, heard: Answer, at: datetime, since: Since | None = None, told: more.Told | None = None) -> ToForce:
    """The other force said how it stands there, and has what it was told of since then. The same again, or later than what has ended,
    changes nothing."""
    with transaction.atomic():
        row = ToForce.objects.select_for_update().get(pk=handover)
        if since is not None and told is not None:
            more.heard(row, since, told, by=SYSTEM, at=at)
        state = rules.learned(row.state, heard.state)  # type: ignore[arg-type]
        if row.problem and row.state in rules.OPEN:
            row.problem = ""
            row.save(update_fields=["problem"])
        if state == row.state:
            return row
        policy = force.policy_at(at).policy
        label = queries.label(row.to, policy)
        row.state, row.theirs = state, heard.reference
        row.delivered_at = row.delivered_at or at
        if state == "delivered":
            row.save(update_fields=["state", "theirs", "delivered_at"])
            _write(
                row, f"{label} have it: their reference {heard.reference}. Nobody there has accepted it yet.", by=SYSTEM, at=at
            )
            facts.tell(tells.ForceReached(contact=row.contact_id, handover=row.pk, to=row.to), by=SYSTEM, at=at)
            return row
        row.answered_by, row.answer, row.answered_at = heard.name, heard.answer, heard.at or at
        row.save(update_fields=["state", "theirs", "delivered_at", "answered_by", "answer", "answered_at"])
        _write(row, _said(row, label), by=SYSTEM, at=at)
        if state == "accepted":
            more.accepted(row, at)
        if state == "declined":
            # as late as late is: the supervisor has it now, and whoever sent it reads so in the log and at the foot of the page
            duties.owe(kind=DUTY, subject=("contact", row.contact_id), owner=row.by, due_at=at, by=SYSTEM, at=at)
        else:
            duties.settle(DUTY, subject=("contact", row.contact_id), by=SYSTEM, at=at)
        incident = logs.of_contact(row.contact_id)
        # who else rang about it, and was not accepted by anybody, is still promised that somebody comes
        if state == "accepted" and incident and not incident.involvements.exclude(contact__to_forces__state="accepted").exists():
            incidents.let_go(incident=incident.pk, by=SYSTEM, at=at)
        facts.tell(
            tells.ForceAnswered(
                contact=row.contact_id,
                handover=row.pk,
                to=row.to,
                state=state,
                digest=digest.of(row.secret, row.answered_by, row.answer),
            ),
            by=SYSTEM,
            at=at,
        )
        return row


def failed(*, handover: int, problem: str, at: datetime) -> None:
    """It could not be carried, and is tried again until it is there. Each new reason is said once, where the sender reads it."""
    with transaction.atomic():
        row = ToForce.objects.select_for_update().get(pk=handover)
        if row.state not in rules.OPEN or row.problem == problem:
            return
        row.problem = problem
        row.save(update_fields=["problem"])
        there = force.policy_at(at).policy.handing_over.force(row.to)
        ring = f" Ring them on {there.ring}." if there and there.ring else " Ring them."
        _write(
            row, f"Not delivered yet: {rules.PROBLEMS[problem]}. It is tried again, and is still ours.{ring}", by=SYSTEM, at=at
        )
        facts.tell(tells.ForceNotReached(contact=row.contact_id, handover=row.pk, to=row.to, problem=problem), by=SYSTEM, at=at)


def climb(told: Told) -> None:
    """Reaction: not accepted in time, or declined. The supervisor has the duty now, and the log says so to whoever sent it."""
    fact = told.fact
    if not isinstance(fact, DutyOverdue) or fact.kind != DUTY:
        return
    duties.climb(told, DUTY, to=SUPERVISOR, by=SYSTEM)
    row = queries.newest(fact.subject_id)
    if row is not None and row.state in rules.OPEN:
        there = force.policy_at(told.at).policy.handing_over.force(row.to)
        label, ring = (there.label, f" on {there.ring}") if there and there.ring else (row.to, "")
        _write(
            row, f"Not accepted in time by {label}: it is still ours. Ring them{ring}, or deal with it.", by=SYSTEM, at=told.at
        )


def _said(row: ToForce, label: str) -> str:
    who = f" ({row.answered_by})" if row.answered_by else ""
    return {
        "accepted": f"{label} accepted it{who}, their reference {row.theirs}: the risk is theirs from now on.",
        "declined": f"{label} declined it{who}: {row.answer} It is still ours: deal with it, or hand it to whom it belongs.",
        "withdrawn": f"Taken back from {label}: nobody there had accepted it. It is ours.",
    }[row.state]


def _write(row: ToForce, text: str, *, by: str, at: datetime) -> None:
    contacts.write(contact=row.contact_id, text=text, origin="system", by=by, at=at, written_at=at)


def _open(contact: int) -> ToForce:
    row = ToForce.objects.select_for_update().filter(contact_id=contact, state__in=rules.OPEN).first()
    if row is None:
        raise Refused("Nothing of this contact is on its way to another force.")
    return row


# --- what crosses ---------------------------------------------------------------------------------------------------


def _drawn(
    row: Contact, incident: Incident | None, policy: Policy, *, because: str, risk: str, is_live: bool, by: str, at: datetime
) -> Document:
    """The lines of this contact alone: what other callers said, units and decisions of ours are no part of it."""
    lines = row.lines.filter(origin__in=("caller", "handler"), corrections=None).order_by("at", "pk")
    said, left_out = fitting(list(lines.values_list("at", "text", "origin")))
    grade = policy.grade(incident.grade) if incident and incident.grade else None
    way, language = policy.speaking.way(row.way), policy.speaking.language(row.language)
    place = row.place
    return Document(
        sender=force.force().name[:60],
        sent_by=staff.name(by)[:120],
        sent_at=at,
        reference=row.reference,
        channel=policy.channel(row.channel).label[:60],
        received_at=row.received_at,
        is_live=is_live,
        because=because,
        risk=risk,
        grade=grade.canonical if grade else "",
        grade_label=grade.label[:60] if grade else "",
        kind=policy.incident_type(incident.kind).label[:200] if incident else "",
        caller=Caller(
            name=_one_line(row.caller_name, 120),
            born=row.caller_born,
            number=row.caller_number,
            email=_one_line(row.caller_email, 200),
            safe_contact=row.safe_contact,  # type: ignore[arg-type]
            safe_times=_one_line(row.safe_times, 200),
            may_leave_message=row.may_leave_message,
            way=way.label[:60] if way else "",
            language=language.label[:60] if language else "",
        ),
        where=Where(
            said=_one_line(row.place_said, 200),
            label=place.label[:200] if place else "",
            locality=place.locality[:200] if place else "",
            postcode=place.postcode if place else "",
            latitude=place.latitude if place else None,
            longitude=place.longitude if place else None,
        ),
        position=_position(row, policy, at),
        judged=_judged(row.pk),
        cautions=tuple(caution(flag, policy) for flag in flags.of(row, at=at)[:40]),
        said=said,
        left_out=left_out,
    )


def _position(row: Contact, policy: Policy, at: datetime) -> Position | None:
    best = whereabouts.best(row.fixes.all(), at, policy.locations)
    if best is None or best.x is None or best.y is None:
        return None
    known = (best.latitude, best.longitude) if best.latitude is not None and best.longitude is not None else None
    point = known or gazetteer.in_degrees(best.x, best.y)
    if point is None:
        return None
    return Position(latitude=point[0], longitude=point[1], radius=best.radius or None, method=best.method, taken_at=best.taken_at)


def _judged(contact: int) -> tuple[Judged, ...]:
    saved = assessment.saved(contact)
    if saved is None:
        return ()
    elements = {one.code: one for one in force.policy_number(saved.policy_number).policy.model(saved.model).elements}
    return tuple(
        Judged(
            element=elements[one.element].name[:60],
            level=elements[one.element].levels[one.level][:200],
            rationale=one.rationale[:1000],
        )
        for one in assessment.answers(saved)
        if one.element in elements and one.level is not None
    )


def caution(flag: Flag, policy: Policy) -> Caution:
    """A flag as it may leave the house. It is never left out; what may endanger somebody, if it is read by the wrong one, stays here:
    what somebody wrote into a victim's flag may say where she is now, so that only its kind crosses; and a restricted one is not for
    every reader even of this force."""
    if flag.is_hidden:
        return Caution(title="A restricted flag", text="Ask us before you act.", level=flag.level, do_not_disclose=True)
    if flag.is_of_victim or flag.has_code:
        kind = policy.marker_kind(flag.kind)
        return Caution(title=kind.label[:200] if kind else "A victim’s flag", level=flag.level, do_not_disclose=True)
    return Caution(title=f"{flag.title}: {flag.whose}"[:200], text=flag.text[:1000], level=flag.level)


def _one_line(text: str, most: int) -> str:
    return " ".join(text.split())[:most]
