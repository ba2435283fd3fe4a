"""Looking back: one incident as the system knew it at any second, against the policy of that day. For supervision and inspection."""

import copy
import secrets
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from watchroom.assessment import rules as risk
from watchroom.contacts.models import Contact
from watchroom.desk import facts as tells
from watchroom.desk.looking_back import bundle as bundles
from watchroom.desk.looking_back import rows, rules, track, words
from watchroom.desk.views.incident import given_out
from watchroom.duties import kinds
from watchroom.force import queries as force
from watchroom.foundation import access, clock, facts
from watchroom.foundation.errors import Invalid, Refused
from watchroom.foundation.models import Head
from watchroom.foundation.permissions import StaffRequest, needs
from watchroom.identity import queries as identity
from watchroom.identity.flags import rules as flags
from watchroom.incidents.models import Incident
from watchroom.incidents.views.board import find
from watchroom.shell import answers
from watchroom.staff import queries as staff

OPEN_FOR = timedelta(minutes=30)  # stepping through what is open is one consultation, not one for each step


@needs("desk.replay")
@require_GET
def search(request: StaffRequest) -> HttpResponse:
    """GET `day` (2026-11-22; without it today) and `number` (417): the logs of that day, to be looked back at."""
    at = clock.now()
    today = force.local_day(at)
    try:
        day = date.fromisoformat(request.GET.get("day") or today.isoformat())
    except ValueError:
        raise Invalid(day="Give the day as 2026-11-23.") from None
    number = request.GET.get("number", "").strip().lstrip("#")
    if number and not (number.isdecimal() and len(number) < 9):
        raise Invalid(number="Say which log by its number, for example 0417.")
    found = Incident.objects.filter(day=day).order_by("number")
    if number:
        found = found.filter(number=int(number))
    policy = force.policy_at(at).policy
    labels = {entry.code: entry.label for entry in policy.incident_types}
    context = {
        "day": day,
        "number": number,
        "before": day - timedelta(days=1),
        "after": day + timedelta(days=1) if day < today else None,
        "logs": [(row, labels.get(row.kind, row.kind)) for row in found[:500]],
    }
    return render(request, "desk/look_back.html", context)


@needs("desk.replay")
@require_GET
def replay(request: StaffRequest, incident: int) -> HttpResponse:
    """GET `at` (with its zone, or by the force's clock; without it the last moment). Opening it is a consultation (DPA 2018 s.62)."""
    row, now = find(incident), clock.now()
    found = rows.of(row)
    at = min(_at(request.GET.get("at", ""), found, now), now)
    _consult(request, row, now)
    context = {
        **_then(row, found, at),
        "incident": row,
        "may_bundle": request.user.may("desk.bundle"),
        "may_audit": request.user.may("foundation.audit"),
        "consulted": _consulted(row, at, request.user.code, now) if request.user.may("foundation.audit") else [],
        "key": secrets.token_urlsafe(12),
        "now": now,
    }
    return render(request, "desk/replay.html", context)


@needs("desk.bundle")
@require_POST
def bundle(request: StaffRequest, incident: int) -> HttpResponse:
    """POST `recipient` and `reason`: the file for an inspector, and a disclosure on record (DPA 2018 s.62). A repeat: the same file."""
    row, at = find(incident), clock.now()
    recipient, reason = given_out(request)

    def give() -> list[Any]:
        until = Head.objects.values_list("seq", flat=True).first() or 0
        made = bundles.make(row, at=at, until=until)
        by = request.user.code
        access.log("disclosure", subject=("incident", row.pk), reason=reason, recipient=recipient, by=by, at=at)
        with transaction.atomic():
            facts.tell(tells.BundleDisclosed(incident=row.pk, digest=made.digest, seq=until), by=by, at=at)
        return [stamp(at), until, made.digest]

    given_at, until, expected = answers.once(request, "desk.bundle", give)
    made = bundles.make(row, at=datetime.fromisoformat(given_at), until=until)
    if made.digest != expected:
        raise Refused("The record has changed since this bundle was made. Load the page again and make a new one.")
    return HttpResponse(
        made.content,
        content_type="application/zip",
        headers={"Content-Disposition": f'attachment; filename="{made.name}"', "Cache-Control": "no-store"},
    )


def _then(row: Incident, found: list[rules.Row], at: datetime) -> dict[str, Any]:
    """All that the page says of this second."""
    known = rules.as_known(found, at)
    try:
        adopted = force.policy_at(at)
    except force.NoPolicy:  # calls brought in from before the force worked with us
        adopted = force.policy_at(clock.now())
    names = staff.names(
        {one.by for one in known.rows if one.by}
        | {duty.owner for duty in known.duties.values()}
        | {str(one.body[name]) for one in known.rows for name in ("owner", "holder") if one.body.get(name)}
    )

    def said(moment: datetime) -> str:
        """With its day where that is another than the one looked at."""
        there = timezone.localtime(moment)
        return there.strftime("%H:%M:%S" if there.date() == timezone.localtime(at).date() else "%-d %b, %H:%M:%S")

    labels = words.Labels(adopted.policy, names, said)
    step = rules.steps(found, at)
    # a decision is said by the words of the policy it was made under
    sentences = [(one, words.says(one, labels), words.LANE_NAMES[words.lane(one)], names.get(one.by, "")) for one in known.rows]
    return {
        "at": at,
        "stamp": stamp(at),
        "known": known,
        "step": step,
        "links": {name: stamp(moment) for name in ("first", "before", "after", "last") if (moment := getattr(step, name))},
        "number": adopted.number,
        "policy": adopted.policy,
        "type": labels.of("type", known.kind) if known.kind else "",
        "grade": labels.of("grade", known.grade) if known.grade else "",
        "holder": labels.who(known.holder) if known.holder else "",
        "outcome": labels.of("outcome", known.outcome) if known.outcome else "",
        "category": labels.of("category", known.category) if known.category else "",
        "contacts": _contacts(known, labels),
        "gaps": [
            say(gap.says, said)
            for gap in rules.gaps(known, adopted.policy, {code: kind.label for code, kind in kinds.KINDS.items()})
        ],
        "owed": [
            (kinds.label(duty.kind), labels.who(duty.owner), duty)
            for duty in sorted(known.duties.values(), key=lambda duty: duty.due_at)
        ],
        "units": list(known.units.values()),
        "facts": sentences[::-1],
        "changed": [one for one in sentences if one[0].known_at == known.rows[-1].known_at] if known.rows else [],
        "track": track.draw(step.moments, known.rows, at),
        "late": sum(one.was_late for one in known.rows),
    }


def _contacts(known: rules.Known, labels: words.Labels) -> list[dict[str, Any]]:
    """Each contact with its stages, risk, cues, and what the rules suggested of exactly that."""
    rows = Contact.objects.in_bulk([pk for pk, one in known.contacts.items() if one.stages])
    then = [(_placed(rows[pk], known.contacts[pk].place_id), known.at) for pk in rows]
    markers = dict(zip(rows, identity.markers_then(then), strict=True))
    found = []
    for pk, contact in rows.items():
        one, on_record = known.contacts[pk], [(m.kind, m.level) for m in markers[pk]]
        cues = rules.cues(one, known.lines, on_record, labels.policy)
        suggested = risk.suggest(one.given, cues, known.kind or None, labels.policy)
        found.append(
            {
                "row": contact,
                "then": one,
                "channel": labels.of("channel", one.channel),
                "stages": [(_STAGES[name], moment) for name, moment in one.stages.items()],
                "answers": [(labels.element(a.element), a) for a in one.given],
                "cues": [labels.of("cue", code) for code in sorted(cues)],
                "markers": [flags.title_of(m.kind, m.title, labels.policy) for m in markers[pk]],
                "suggested": labels.of("grade", suggested.grade) if suggested.grade else "",
                "suggested_code": suggested.grade,
                "because": [reason.says for reason in suggested.because],
                "against": suggested.against,
            }
        )
    return found


_STAGES = {"arrived": "Arrived", "answered": "Answered", "gave_up": "Gave up", "ended": "Ended", "written_up": "Written up"}


def _placed(contact: Contact, place: int | None) -> Contact:
    then = copy.copy(contact)
    then.place_id = place if place else contact.place_id
    return then


def _consult(request: StaffRequest, row: Incident, now: datetime) -> None:
    opened = request.session.get("looked_back", {})
    if stamp(now - OPEN_FOR) < opened.get(str(row.pk), ""):
        return
    access.log("consultation", subject=("incident", row.pk), reason="looked back at the incident", by=request.user.code, at=now)
    request.session["looked_back"] = {
        **{pk: at for pk, at in opened.items() if at > stamp(now - OPEN_FOR)},
        str(row.pk): stamp(now),
    }


def _consulted(row: Incident, at: datetime, by: str, now: datetime) -> list[tuple[str, access.Entry]]:
    """Who had opened or been given it by then. Asking is an entry itself."""
    found = access.read(since=row.opened_at - timedelta(days=1), until=at, subject=("incident", row.pk), by=by, at=now)
    names = staff.names({entry.by for entry in found.entries})
    return [(names[entry.by], entry) for entry in found.entries]


def _at(given: str, found: list[rules.Row], now: datetime) -> datetime:
    """The moment asked for; a time without a fraction is its whole second, and one without a zone is of the force's clock."""
    if not given:
        return found[-1].known_at if found else now
    try:
        at = datetime.fromisoformat(given)
    except ValueError:
        raise Invalid(at="Give the time as 2026-11-22T03:12:00.") from None
    if at.tzinfo is None:
        at = at.replace(tzinfo=force.timezone())
    return at if "." in given else at + timedelta(microseconds=999_999)


def stamp(at: datetime) -> str:
    """For an address: exact, in UTC."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def say(sentence: rules.Sentence, clock: Callable[[datetime], str]) -> str:
    return "".join(part if isinstance(part, str) else clock(part) for part in sentence)
