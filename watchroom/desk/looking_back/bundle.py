"""What does an inspector take away? One file with the record of an incident, the rules of its day, and a proof to be checked without us.

The same incident, moment and length of the chain always make the same bytes, so that a repeated request gives out the same file.
"""

import dataclasses
import hashlib
import io
import json
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import connection

from watchroom.assessment import queries as assessments
from watchroom.assessment.models import Answer, Assessment
from watchroom.contacts import files as attached
from watchroom.contacts.models import Contact, Line
from watchroom.desk.looking_back import rows as past
from watchroom.desk.looking_back import words
from watchroom.desk.looking_back.rules import Row
from watchroom.force import queries as force
from watchroom.force.models import PolicyVersion
from watchroom.foundation import anchors, chain, digest, scope
from watchroom.foundation.models import Fact
from watchroom.incidents import crimes, evidence, parties
from watchroom.incidents.models import Decision, Entry, Evidence, Incident, Involvement, Party, Proposal
from watchroom.resolution.models import Resolution
from watchroom.staff import queries as staff

DATA = Path(__file__).parent / "data"
LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the earliest time that the format knows: the files' own times say nothing


@dataclass(frozen=True)
class Bundle:
    name: str
    content: bytes
    facts: int

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


def make(incident: Incident, *, at: datetime, until: int) -> Bundle:
    """The bundle of what was known at `at`, with the facts up to number `until` of the chain."""
    facts = [fact for fact in past.facts_of(incident.pk) if fact.at <= at]
    sealed = list(_sealed([fact.pk for fact in facts], until))
    numbers = {pk: one["seq"] for pk, one in sealed}
    rows = [row for row in past.of(incident) if row.known_at <= at and (not row.number or row.number in numbers)]
    policies = list(_policies(incident, rows))
    proof = {
        "force": scope.require(),
        "facts": [one for _, one in sealed],
        "anchors": _anchors({one["seq"] for _, one in sealed}, until),
        "policies": [{"file": name, "number": version.number, "digest": version.digest} for name, version, _ in policies],
    }
    files = {
        "README.txt": (DATA / "README.txt").read_text(),
        "check.py": (DATA / "check.py").read_text(),
        "chain.json": _json(proof),
        "record.json": _json(_record(incident, rows, facts, numbers, at)),
        "record.txt": "\n".join(_said(incident, rows, at)) + "\n",
    }
    files |= {name: text for name, _, text in policies}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, text in sorted(files.items()):
            file.writestr(zipfile.ZipInfo(name, LONG_AGO), text, zipfile.ZIP_DEFLATED)
    return Bundle(f"log-{incident.reference}-{incident.day}.zip", out.getvalue(), len(sealed))


def _sealed(pks: list[int], until: int) -> Iterator[tuple[int, dict[str, Any]]]:
    """Each fact with the text over which its hash was taken, and the hash before it."""
    query = f"""
        select f.id, s.seq, encode(coalesce(p.hash, ''::bytea), 'hex'), encode(s.hash, 'hex'), {chain.CANONICAL.format(seq="s.seq", f="f")}
        from foundation_seal s join foundation_fact f on f.id = s.fact_id and f.force = s.force
        left join foundation_seal p on p.force = s.force and p.seq = s.seq - 1
        where s.force = %s and s.fact_id = any(%s) and s.seq <= %s order by s.seq"""
    with connection.cursor() as cursor:
        cursor.execute(query, [scope.require(), pks, until])
        for pk, seq, previous, sealed, text in cursor.fetchall():
            yield pk, {"seq": seq, "previous": previous, "hash": sealed, "text": text}


def _anchors(numbers: set[int], until: int) -> list[dict[str, Any]]:
    """For each fact the first anchor at or after it, and the last one there is."""
    if not numbers:
        return []
    known = sorted((seq, sealed) for seq, sealed in anchors.read(scope.require()) if min(numbers) <= seq <= until)
    wanted = {next((pair for pair in known if pair[0] >= number), None) for number in numbers} | set(known[-1:])
    return [{"seq": seq, "hash": sealed} for seq, sealed in sorted(pair for pair in wanted if pair)]


def _policies(incident: Incident, rows: Iterable[Row]) -> Iterator[tuple[str, PolicyVersion, str]]:
    """The versions by which the risk was written and the grades were decided, as they were adopted."""
    contacts = Involvement.objects.filter(incident=incident).values_list("contact_id", flat=True)
    numbers = {row.body["policy"] for row in rows if "policy" in row.body}
    numbers |= set(Assessment.objects.filter(contact_id__in=list(contacts)).values_list("policy_number", flat=True))
    for version in PolicyVersion.objects.filter(number__in=numbers).order_by("number"):
        # exactly the text over which `force.packs.digest` is taken
        text = json.dumps(version.pack, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        yield f"policy-{version.number}.json", version, text


def _record(incident: Incident, rows: list[Row], facts: list[Fact], numbers: dict[int, int], at: datetime) -> dict[str, Any]:
    contacts = list(Contact.objects.filter(involvement__incident=incident).order_by("received_at"))
    written = _written(incident, contacts)
    proved = [
        {"seq": numbers[fact.pk], "key": written[word][0].hex(), "words": list(written[word][1])}
        for fact in facts
        if fact.pk in numbers and (word := fact.body.get("digest", "")) in written
    ]
    return {
        "force": scope.require(),
        "log": incident.reference,
        "day": incident.day.isoformat(),
        "as_known_at": at.isoformat(),
        "contacts": [
            {
                "id": contact.pk,
                "number": contact.number,
                "channel": contact.channel,
                "caller_name": contact.caller_name,
                "caller_number": contact.caller_number,
            }
            for contact in contacts
        ],
        "rows": [{**_plain(row), "seq": numbers.get(row.number)} for row in rows],
        "decisions": [
            {
                "id": one.pk,
                "grade": one.grade,
                "suggested": one.suggested,
                "because": one.because,
                "justification": one.justification,
                "policy": one.policy_number,
                "by": one.by,
                "at": one.at.isoformat(),
            }
            for one in Decision.objects.filter(incident=incident, at__lte=at).order_by("at", "pk")
        ],
        "files": _files(contacts, facts, numbers),
        "words": proved,
        "unmatched": [
            numbers[fact.pk]
            for fact in facts
            if fact.pk in numbers and fact.body.get("digest") and fact.body["digest"] not in written
        ],
    }


def _files(contacts: list[Contact], facts: list[Fact], numbers: dict[int, int]) -> list[dict[str, Any]]:
    """What was attached, by name and SHA-256, with the fact that proves both; the files themselves are asked for one by one."""
    told = {fact.body["attachment"]: numbers[fact.pk] for fact in facts if fact.kind == "FileAttached" and fact.pk in numbers}
    off = {fact.body["attachment"] for fact in facts if fact.kind == "FileRemoved" and fact.pk in numbers}
    return [
        {
            "seq": told[row.pk],
            "name": row.name,
            "sha256": row.sha256,
            "size": row.size,
            "kind": row.kind,
            "by": row.by,
            "at": row.at.isoformat(),
            "taken_off": row.pk in off,
        }
        for row in attached.of([contact.pk for contact in contacts])
        if row.pk in told
    ]


def _written(incident: Incident, contacts: list[Contact]) -> dict[str, tuple[bytes, tuple[str, ...]]]:
    """Every text of this incident by the digest that a fact would hold of it: its key, and the words."""
    pairs: list[tuple[bytes, tuple[str, ...]]] = []
    own = bytes(incident.secret)
    for contact in contacts:
        texts = [contact.place_said, *Line.objects.filter(contact=contact).values_list("text", flat=True)]
        pairs += [(bytes(contact.secret), (text,)) for text in texts]
        pairs += [(own, (text.strip()[:240],)) for text in texts]  # one of them may have been pinned
        for file in attached.of([contact.pk]):
            pairs.append((bytes(contact.secret), attached.words(file)))
            if hasattr(file, "removal"):
                pairs.append((bytes(contact.secret), (file.removal.because,)))
        for piece in Evidence.objects.filter(contact=contact):
            pairs += [(bytes(contact.secret), evidence.words(piece)), (bytes(contact.secret), (piece.outcome,))]
    for record in Assessment.objects.filter(contact__in=contacts):
        texts = [record.because, *Answer.objects.filter(assessment=record).values_list("rationale", flat=True)]
        pairs += [(bytes(record.secret), (text,)) for text in texts]
        pairs.append((bytes(record.secret), assessments.words_of(record)))
    pairs += [(own, (text,)) for text in Decision.objects.filter(incident=incident).values_list("justification", flat=True)]
    pairs += [(own, (text,)) for text in (incident.headline, incident.result)]
    for text in Entry.objects.filter(incident=incident).values_list("text", flat=True):
        pairs += [(own, (text,)), (own, (text.strip()[:240],))]
    for reason, answer in Proposal.objects.filter(incident=incident).values_list("reason", "answer"):
        pairs += [(own, (reason,)), (own, (answer,))]
    pairs += [(own, parties.words(one)) for one in Party.objects.filter(incident=incident)]
    pairs += [(own, crimes.words(crime)) for crime in crimes.of(incident.pk)]
    for outcome in Resolution.objects.filter(incident=incident):
        advice = getattr(outcome, "advice", "")
        pairs.append((bytes(outcome.secret), (outcome.text, *filter(None, [advice]))))
    return {digest.of(key, *texts): (key, texts) for key, texts in pairs if any(texts)}


def _plain(row: Row) -> dict[str, Any]:
    return {name: value for name, value in dataclasses.asdict(row).items() if name != "number"} | {"about": list(row.about)}


def _said(incident: Incident, rows: list[Row], at: datetime) -> Iterator[str]:
    """The record as a person reads it, oldest first. Each fact by the words of the policy in force at its time."""
    codes = {row.by for row in rows if row.by}
    codes |= {str(row.body[name]) for row in rows for name in ("owner", "holder") if row.body.get(name)}
    names = staff.names(codes)
    zone = force.timezone()

    def clock(moment: datetime) -> str:
        return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")

    yield f"{force.force().name}, log {incident.reference} of {incident.day:%d %B %Y}, as it was known at {clock(at)}."
    yield "Times are the force’s own clock, and those at which something became known."
    for row in rows:
        try:
            policy = force.policy_at(row.known_at).policy
        except force.NoPolicy:
            policy = force.policy_at(at).policy
        late = f" (of {clock(row.at)}, entered later)" if row.was_late else ""
        who = names.get(row.by, "")
        yield (
            f"{clock(row.known_at)}  {words.LANE_NAMES[words.lane(row)]}{', ' + who if who else ''}: "
            + words.says(row, words.Labels(policy, names, clock))
            + late
        )


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1, default=lambda one: one.isoformat()) + "\n"
