"""What was known when each grade of the last weeks was decided? Read from rows that only grow, a few hundred decisions at a time."""

import copy
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime

from watchroom.assessment import rules as risk
from watchroom.assessment.models import Answer, Assessment, Cue
from watchroom.contacts.models import Contact, Line
from watchroom.demand.rules.trial import Heard, Judged
from watchroom.force import queries as force
from watchroom.force.policy import Policy
from watchroom.foundation.models import Fact
from watchroom.identity import queries as identity
from watchroom.incidents.models import Decision, Involvement

AT_ONCE = 300
VULNERABLE_FROM = 2  # level of the element `vulnerability`, of 3


def decided(since: datetime, until: datetime) -> list[int]:
    """The decisions of this time, by id, in their order."""
    return list(Decision.objects.filter(at__gte=since, at__lte=until).order_by("at", "pk").values_list("pk", flat=True))


def policies_of(decisions: Sequence[int]) -> dict[int, Policy]:
    """The policies under which these were decided, by number."""
    numbers = Decision.objects.filter(pk__in=decisions).values_list("policy_number", flat=True).distinct()
    return {number: force.policy_number(number).policy for number in numbers}


def judged(decisions: Sequence[int]) -> Iterator[Judged]:
    """Each decision with what stood on record at its moment. Ten queries for each `AT_ONCE` of them."""
    for start in range(0, len(decisions), AT_ONCE):
        yield from _some(decisions[start : start + AT_ONCE])


def _some(pks: Sequence[int]) -> Iterator[Judged]:
    decisions = list(Decision.objects.filter(pk__in=pks).select_related("incident").order_by("at", "pk"))
    logs = {row.incident_id for row in decisions}
    involved: dict[int, list[Involvement]] = defaultdict(list)
    for one in Involvement.objects.filter(incident_id__in=logs).select_related("contact").order_by("contact__received_at"):
        involved[one.incident_id].append(one)
    ids = [one.contact_id for group in involved.values() for one in group]
    kinds, places = _told(logs, ids)
    assessments, answers = _answers(ids)
    lines: dict[int, list[Line]] = defaultdict(list)
    for line in Line.objects.filter(contact_id__in=ids).exclude(origin="to_caller").order_by("at", "pk"):
        lines[line.contact_id].append(line)
    said: dict[int, list[Cue]] = defaultdict(list)
    for cue in Cue.objects.filter(contact_id__in=ids).order_by("at", "pk"):
        said[cue.contact_id].append(cue)
    then = {row.pk: [one.contact for one in involved[row.incident_id] if one.at <= row.at] for row in decisions}
    moments = [(_placed(contact, places[contact.pk], row.at), row.at) for row in decisions for contact in then[row.pk]]
    markers = iter(identity.markers_then(moments))
    for row in decisions:
        heard = []
        for contact in then[row.pk]:
            pk = contact.pk
            # the newest record begun by then, as `assessment.queries.newest` had it
            record = max((a for a in assessments[pk] if a.begun_at <= row.at), key=lambda a: (a.begun_at, a.pk), default=None)
            heard.append(
                Heard(
                    answers=_given(answers[record.pk], row.at) if record else (),
                    texts=tuple(line.text for line in lines[pk] if line.written_at <= row.at),
                    markers=tuple((marker.kind, marker.level) for marker in next(markers)),
                    said=tuple((cue.code, cue.is_present, cue.source) for cue in said[pk] if cue.at <= row.at),
                )
            )
        if not heard:
            continue
        levels = [risk.levels_of(one.answers).get("vulnerability", 0) for one in heard]
        yield Judged(
            decision=row.pk,
            log=row.incident.reference,
            day=row.incident.day,
            at=row.at,
            kind=_then(kinds[row.incident_id], row.at, row.incident.kind),
            heard=tuple(heard),
            suggested=row.suggested,
            decided=row.grade,
            policy=row.policy_number,
            is_vulnerable=any(one.markers for one in heard) or max(levels) >= VULNERABLE_FROM,
        )


def _told(
    logs: set[int], contacts: list[int]
) -> tuple[dict[int, list[tuple[datetime, str]]], dict[int, list[tuple[datetime, int]]]]:
    """The types of the logs and the places of the contacts, as they were told, in their order."""
    kinds: dict[int, list[tuple[datetime, str]]] = defaultdict(list)
    rows = Fact.objects.filter(subject_kind="incident", subject_id__in=logs, kind__in=("IncidentOpened", "IncidentRetyped"))
    for subject, at, body in rows.order_by("pk").values_list("subject_id", "at", "body"):
        kinds[subject].append((at, body["kind"]))
    places: dict[int, list[tuple[datetime, int]]] = defaultdict(list)
    rows = Fact.objects.filter(subject_kind="contact", subject_id__in=contacts, kind="PlacePicked")
    for subject, at, body in rows.order_by("pk").values_list("subject_id", "at", "body"):
        places[subject].append((at, body["place"]))
    return kinds, places


def _answers(contacts: list[int]) -> tuple[dict[int, list[Assessment]], dict[int, list[Answer]]]:
    records: dict[int, list[Assessment]] = defaultdict(list)
    for record in Assessment.objects.filter(contact_id__in=contacts):
        records[record.contact_id].append(record)
    answers: dict[int, list[Answer]] = defaultdict(list)
    for answer in Answer.objects.filter(assessment__contact_id__in=contacts).order_by("at", "pk"):
        answers[answer.assessment_id].append(answer)
    return records, answers


def _given(rows: list[Answer], at: datetime) -> tuple[risk.Answer, ...]:
    """The answers that counted then: of each element and subject the last one given by `at`."""
    last = {(row.element, row.subject): row for row in rows if row.at <= at}
    return tuple(risk.Answer(row.element, row.level, row.rationale, row.subject, row.source) for row in last.values())


def _then(history: list[tuple[datetime, str]], at: datetime, now: str) -> str:
    """The last that was told by `at`; what stands now where nothing was told."""
    return next((value for when, value in reversed(history) if when <= at), history[0][1] if history else now)


def _placed(contact: Contact, history: list[tuple[datetime, int]], at: datetime) -> Contact:
    """The contact with the place it had then. Before the first choice there is none that we know."""
    then = copy.copy(contact)
    if history:
        then.place_id = next((place for when, place in reversed(history) if when <= at), None)
    return then
