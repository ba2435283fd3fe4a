"""All that ever became known about one incident, as plain rows: facts with their words, and what only grows beside them."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db.models import Q

from watchroom.assessment.models import Answer, Assessment, Cue
from watchroom.contacts import files as attached
from watchroom.contacts.models import Contact, Line
from watchroom.desk.looking_back.rules import Row, in_order
from watchroom.dispatch.models import Unit
from watchroom.duties.models import Duty
from watchroom.foundation import digest
from watchroom.foundation.models import Fact
from watchroom.gazetteer.models import Place
from watchroom.incidents.models import Decision, Entry, Evidence, Incident, Involvement
from watchroom.resolution.models import Resolution

TIMES = ("at", "due_at", "until", "promised", "promised_for", "attend_by", "transferred_at", "perishable_until", "kept_at")
INSTEAD = {"ElementAnswered", "CueHeard"}  # their rows say more than the facts: which record, which words


def facts_of(incident: int) -> list[Fact]:
    """The facts about the incident, its contacts, and the duties of both, in the order in which they were told."""
    contacts = list(Involvement.objects.filter(incident_id=incident).values_list("contact_id", flat=True))
    about = Q(subject_kind="incident", subject_id=incident) | Q(subject_kind="contact", subject_id__in=contacts)
    duties = Duty.objects.filter(about).values_list("pk", flat=True)
    return list(Fact.objects.filter(about | Q(subject_kind="duty", subject_id__in=list(duties))).order_by("pk"))


def of(incident: Incident) -> list[Row]:
    """Every row, in the order in which it became known. A contact that was added later is known *here* from when it was added."""
    joined = dict(Involvement.objects.filter(incident=incident).order_by("at", "pk").values_list("contact_id", "at"))
    first = next(iter(joined), 0)
    rows = [*_facts(incident, list(joined)), *_records(list(joined))]
    return in_order(row if _is_of_first(row, first, joined) else _not_before(row, joined[row.about[1]]) for row in rows)


def _is_of_first(row: Row, first: int, joined: Mapping[int, datetime]) -> bool:
    return row.about[0] != "contact" or row.about[1] == first or row.about[1] not in joined


def _not_before(row: Row, at: datetime) -> Row:
    return row if row.known_at >= at else Row(**{**{name: getattr(row, name) for name in Row.__slots__}, "known_at": at})


def _facts(incident: Incident, contacts: list[int]) -> Iterable[Row]:
    facts = facts_of(incident.pk)
    lines = {row.pk: row for row in Line.objects.filter(contact_id__in=contacts)}
    entries = {row.pk: row for row in Entry.objects.filter(incident=incident)}
    evidence = {row.pk: row for row in Evidence.objects.filter(contact_id__in=contacts)}
    files = {row.pk: row for row in attached.of(contacts)}
    decisions = {row.pk: row for row in Decision.objects.filter(incident=incident)}
    judged = {row.pk: row for row in Assessment.objects.filter(contact_id__in=contacts)}
    places = dict(Place.objects.filter(pk__in={f.body["place"] for f in facts if "place" in f.body}).values_list("pk", "label"))
    units = dict(Unit.objects.filter(pk__in={f.body["unit"] for f in facts if "unit" in f.body}).values_list("pk", "callsign"))
    said = dict(Contact.objects.filter(pk__in=contacts).values_list("pk", "place_said"))
    results = {row.incident_id: row.text for row in Resolution.objects.filter(incident=incident)}
    pinned = _pinned(incident, [*lines.values(), *entries.values()])
    latest = facts[0].at if facts else None
    for fact in facts:
        if fact.kind in INSTEAD:
            continue
        body, known_at, at = _timed(fact.body), fact.at, fact.at
        words: Mapping[str, Any] = {}
        if fact.kind == "LineWritten" and (line := lines.get(body["line"])):
            known_at, at, words = line.written_at, line.at, {"words": line.text, "corrects": line.corrects_id}
        elif fact.kind == "EntryWritten" and (entry := entries.get(body["entry"])):
            known_at, at, words = entry.written_at, entry.at, {"words": entry.text}
        elif fact.kind in ("FileAttached", "FileRemoved") and (file := files.get(body["attachment"])):
            words = {"words": file.name, "sha256": file.sha256}
        elif fact.kind in ("EvidenceNoted", "EvidenceSettled") and (piece := evidence.get(body["evidence"])):
            words = {"words": piece.what if fact.kind == "EvidenceNoted" else f"{piece.what}: {piece.outcome}"}
        elif fact.kind == "GradeDecided" and (decision := decisions.get(body["decision"])):
            words = {"words": decision.justification, "because": decision.because}
        elif fact.kind in ("NothingHeardJudged", "RiskReassessed") and (record := judged.get(body["assessment"])):
            words = {"words": record.because, "victim_said": record.victim_said}
        elif fact.kind in ("PlacePicked", "IncidentMoved"):
            words = {"words": places.get(body["place"], "")}
        elif fact.kind == "PlaceSaid":
            words = {"words": said.get(fact.subject_id, "")}
        elif fact.kind == "HeadlinePinned":
            words = {"words": pinned.get(body["digest"], "")}
        elif fact.kind == "ResolvedWithoutDeployment":
            words = {"words": results.get(incident.pk, "")}
        elif fact.kind == "IncidentClosed":
            words = {"words": incident.result}
        elif "unit" in body:
            words = {"words": units.get(body["unit"], "")}
        # a fact can bear the time of what it is about, as a late entry does; it was not known before what was told before it
        known_at = latest = max(known_at, latest) if latest else known_at
        yield Row(
            key=f"fact-{fact.pk}",
            known_at=known_at,
            at=at,
            kind=fact.kind,
            about=(fact.subject_kind, fact.subject_id),
            by=fact.by,
            body={**body, **words},
            number=fact.pk,
        )


def _records(contacts: list[int]) -> Iterable[Row]:
    """Of the risk: when each record was begun, each answer and each cue, none of which is ever changed."""
    records = {row.pk: row for row in Assessment.objects.filter(contact_id__in=contacts)}
    for record in records.values():
        about, body = ("contact", record.contact_id), {"assessment": record.pk, "model": record.model, "stage": record.stage}
        yield Row(
            key=f"a-record-{record.pk}",
            known_at=record.begun_at,
            at=record.begun_at,
            kind="RecordBegun",
            about=about,
            by="",
            body=body,
        )
    for answer in Answer.objects.filter(assessment__contact_id__in=contacts).order_by("pk"):
        body = {
            "assessment": answer.assessment_id,
            "element": answer.element,
            "level": answer.level,
            "words": answer.rationale,
            "subject": answer.subject,
            "source": answer.source,
            "is_carried": answer.is_carried,
        }
        about = ("contact", records[answer.assessment_id].contact_id)
        yield Row(
            key=f"answer-{answer.pk:012}", known_at=answer.at, at=answer.at, kind="Answered", about=about, by=answer.by, body=body
        )
    for cue in Cue.objects.filter(contact_id__in=contacts).order_by("pk"):
        body = {"cue": cue.code, "is_present": cue.is_present, "source": cue.source}
        about = ("contact", cue.contact_id)
        yield Row(key=f"cue-{cue.pk:012}", known_at=cue.at, at=cue.at, kind="CueSaid", about=about, by=cue.by, body=body)


def _pinned(incident: Incident, lines: list[Any]) -> dict[str, str]:
    """Which words were pinned, by their digest: they are those of a line, or the headline of now."""
    texts = {line.text.strip()[:240] for line in lines} | {incident.headline}
    return {digest.of(incident.secret, text): text for text in texts}


def _timed(body: Mapping[str, Any]) -> dict[str, Any]:
    """A fact's body with its times as times."""
    return {
        name: datetime.fromisoformat(value) if name in TIMES and isinstance(value, str) else value for name, value in body.items()
    }
