"""Asking other systems, what they answered, and a person saying what of it is who is in touch.

Nothing here speaks with anybody: the fact that a system is asked leads to a link (`watchroom/journey.py`), which asks it outside
every transaction and comes back with `answered` or `failed`. Whatever becomes of it, the contact goes on.
"""

import hashlib
import json
import uuid
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from watchroom.contacts.models import Contact
from watchroom.contacts.rules import normal_number
from watchroom.force import queries as force
from watchroom.foundation import access, digest, facts
from watchroom.foundation.errors import Invalid, Refused
from watchroom.foundation.facts import Told
from watchroom.foundation.words import written
from watchroom.identity import actions as identity
from watchroom.identity import facts as tells
from watchroom.identity import finding, twins
from watchroom.identity import queries as identified
from watchroom.identity.models import Description, Link, Person, Record, Research, ResearchFound
from watchroom.identity.research import queries, rules
from watchroom.identity.research.rules import Came, Problem

LONGEST_REASON = 300
LONGEST_RECIPIENT = 64


def ask(*, contact: int, by: str, at: datetime, systems: Sequence[str] = ()) -> list[Research]:
    """Ask these systems (without any: all) what they know of who is in touch, with what is known now. Returns what is asked anew.

    Each asking is a consultation of ours and a disclosure to them (DPA 2018 s.62). Who was asked with just this, and answered
    or has not yet, is not asked again. Raises Refused, with why, when none can be asked.
    """
    with transaction.atomic():
        row = _in_hand(contact)
        policy = force.policy_at(at).policy
        one_of = [one for one in queries.askable(row, at=at) if not systems or one.system.code in systems]
        if not one_of:
            raise Refused("No other system is asked here.")
        wanted = [one for one in one_of if not one.why_not and not one.is_asked]
        if not wanted:
            if any(one.is_asked for one in one_of):
                raise Refused(
                    "They were asked with what is known. Write the name, the date of birth or the place when you know more."
                )
            raise Refused(*(f"{one.system.label}: {one.why_not}" for one in one_of))
        asked = []
        for one in wanted:
            system = one.system
            research = Research.objects.create(
                contact=row, system=system.code, label=system.label, because=policy.research.purpose, sent=one.sent,
                key=str(uuid.uuid4()), by=by, at=at,
            )  # fmt: skip
            fields = [rules.FIELDS[field] for field in one.sent]
            access.log("consultation", subject=("contact", row.pk), reason=f"asked {system.label} who this is", by=by, at=at)
            access.log(
                "disclosure",
                subject=("contact", row.pk),
                reason=f"told {system.label}: {', '.join(fields)}. {policy.research.purpose}. {system.basis}",
                by=by,
                at=at,
                recipient=system.label[:LONGEST_RECIPIENT],
            )
            told = tells.ResearchAsked(
                contact=row.pk, research=research.pk, system=system.code, sent=list(one.sent),
                digest=digest.of(row.secret, *(f"{field} {value}" for field, value in one.sent.items())),
            )  # fmt: skip
            facts.tell(told, by=by, at=at)
            asked.append(research)
        return asked


def answered(*, research: int, records: Sequence[Came], is_cut: bool, by: str, at: datetime) -> Research:
    """The system answered. An answer that comes a second time, or after it was given up, changes nothing."""
    with transaction.atomic():
        row = Research.objects.select_for_update(of=("self",)).select_related("contact").get(pk=research)
        if row.state != Research.State.ASKED:
            return row
        ResearchFound.objects.bulk_create(
            [
                ResearchFound(
                    research=row,
                    external=one.external,
                    given_name=one.given_name,
                    family_name=one.family_name,
                    born=one.born,
                    numbers=list(dict.fromkeys(filter(None, map(normal_number, one.numbers)))),
                    addresses=[dict(address) for address in one.addresses],
                    flags=list(one.flags),
                    as_of_date=one.as_of,
                )
                for one in records
            ]
        )
        row.state, row.answered_at, row.found, row.is_cut = Research.State.ANSWERED, at, len(records), is_cut
        row.save(update_fields=["state", "answered_at", "found", "is_cut"])
        if records:
            reason = f"{row.label} answered {row.by}: {len(records)} found"
            access.log("collection", subject=("contact", row.contact_id), reason=reason, by=by, at=at)
        came = json.dumps([_plain(one) for one in records], ensure_ascii=False, sort_keys=True)
        told = tells.ResearchAnswered(
            contact=row.contact_id,
            research=row.pk,
            system=row.system,
            found=len(records),
            digest=digest.of(row.contact.secret, came),
        )
        facts.tell(told, by=by, at=at)
        return row


def failed(*, research: int, problem: Problem, by: str, at: datetime) -> Research:
    """Nothing came of it, and why. It may be asked again."""
    with transaction.atomic():
        row = Research.objects.select_for_update(of=("self",)).get(pk=research)
        if row.state != Research.State.ASKED:
            return row
        row.state, row.answered_at, row.problem = Research.State.FAILED, at, problem
        row.save(update_fields=["state", "answered_at", "problem"])
        told = tells.ResearchFailed(contact=row.contact_id, research=row.pk, system=row.system, problem=problem)
        facts.tell(told, by=by, at=at)
        return row


def not_needed(*, contact: int, because: str, by: str, at: datetime) -> Research:
    """Nobody else is asked about this contact, because …. It may be asked all the same, later. Raises Invalid without a reason."""
    with transaction.atomic():
        row = _in_hand(contact)
        least = force.policy_at(at).policy.research.min_reason
        reason = written(because, field="because", says="Say why no other system is asked", least=least, most=LONGEST_REASON)
        same = Research.objects.filter(contact=row, state=Research.State.NOT_NEEDED, because=reason, by=by).first()
        if same:
            return same
        research = Research.objects.create(
            contact=row, state=Research.State.NOT_NEEDED, because=reason, key=str(uuid.uuid4()), by=by, at=at
        )
        told = tells.ResearchNotNeeded(contact=row.pk, research=research.pk, digest=digest.of(row.secret, reason))
        facts.tell(told, by=by, at=at)
        return research


# --- what a person makes of what came --------------------------------------------------------------------------------


def take_in(*, found: int, by: str, at: datetime) -> ResearchFound:
    """This record is who is in touch: it comes on record as an import would bring it, with where it is from.

    Where nobody is confirmed on the contact, it is them who called. Where somebody is, the two records are proposed to be one
    person, and whoever may judge that does (ADR 13): a handler never joins two records. A repeat changes nothing.
    """
    with transaction.atomic():
        row = _locked(found)
        if row.judged == ResearchFound.Judged.TAKEN:
            return row
        asked, contact = row.research, row.research.contact
        if not row.name:
            raise Invalid(found="This record has no name: it says nothing of who this is.")
        person, made = _on_record(row, asked.label, by=by, at=at)
        who = queries.confirmed(contact)
        if who is None:
            identity.confirm(contact=contact.pk, person=person, by=by, at=at)
        elif who.pk != identified.head_of(person):
            because = f"Both are held to be the caller of contact {contact.reference}."
            twins.propose_by_hand(who.pk, identified.head_of(person), because=because, at=at)
        row.judged, row.judged_by, row.judged_at, row.person_id, row.made = ResearchFound.Judged.TAKEN, by, at, person, made
        row.save(update_fields=["judged", "judged_by", "judged_at", "person", "made"])
        access.log(
            "combination", subject=("person", person), reason=f"taken in from {asked.label} on contact {contact.pk}", by=by, at=at
        )
        facts.tell(tells.ResearchTakenIn(contact=contact.pk, found=row.pk, person=person, system=asked.system), by=by, at=at)
        return row


def not_them(*, found: int, by: str, at: datetime) -> ResearchFound:
    """It is of somebody else; it stays to be read. What was taken in before is taken back first."""
    with transaction.atomic():
        row = _locked(found)
        if row.judged == ResearchFound.Judged.NOT_THEM:
            return row
        if row.judged == ResearchFound.Judged.TAKEN:
            _take_back(row, by=by, at=at)
        row.judged, row.judged_by, row.judged_at = ResearchFound.Judged.NOT_THEM, by, at
        row.save(update_fields=["judged", "judged_by", "judged_at"])
        asked = row.research
        facts.tell(tells.ResearchNotThem(contact=asked.contact_id, found=row.pk, system=asked.system), by=by, at=at)
        return row


def take_back(*, found: int, by: str, at: datetime) -> ResearchFound:
    """It is open again whether this record is who is in touch. The links stay to be read, and count no longer."""
    with transaction.atomic():
        row = _locked(found)
        if row.judged == ResearchFound.Judged.TAKEN:
            _take_back(row, by=by, at=at)
        elif row.judged:
            row.judged, row.judged_by, row.judged_at = "", by, at
            row.save(update_fields=["judged", "judged_by", "judged_at"])
            facts.tell(_reopened(row), by=by, at=at)
        return row


def follow_rejected(told: Told) -> None:
    """Reaction: it was not them who called. What was taken in as them on this contact is taken back with it."""
    contact, person = told.fact.subject[1], told.fact.person  # type: ignore[attr-defined]
    rows = ResearchFound.objects.filter(research__contact_id=contact, judged=ResearchFound.Judged.TAKEN)
    for row in rows.select_related("research__contact").select_for_update(of=("self",)):
        if row.person_id and identified.head_of(row.person_id) == identified.head_of(person):
            _take_back(row, by=told.by, at=told.at)


def _take_back(row: ResearchFound, *, by: str, at: datetime) -> None:
    asked, person, made = row.research, row.person_id, row.made
    if person is None:
        return
    row.judged, row.judged_by, row.judged_at, row.made = "", by, at, {}
    row.save(update_fields=["judged", "judged_by", "judged_at", "made"])  # first: undoing who called comes back here
    who = queries.confirmed(asked.contact)
    if who is not None and who.pk == identified.head_of(person):
        identity.undo(contact=asked.contact_id, by=by, at=at)
    finding.relearn()
    Link.objects.filter(pk__in=made.get("links", []), undone_at=None).update(undone_at=at, undone_by=by)
    Description.objects.filter(pk__in=made.get("descriptions", [])).update(keys=[])
    access.log("combination", subject=("person", person), reason=f"taken back on contact {asked.contact_id}", by=by, at=at)
    facts.tell(_reopened(row), by=by, at=at)


def _reopened(row: ResearchFound) -> tells.ResearchReopened:
    asked = row.research
    return tells.ResearchReopened(contact=asked.contact_id, found=row.pk, system=asked.system)


def _on_record(row: ResearchFound, source: str, *, by: str, at: datetime) -> tuple[int, dict[str, list[int]]]:
    """(whose record it is, what was put on record for it). The same reference of the same system is the same record, for an import too."""
    known = Record.objects.filter(source=source, external=row.external).first()
    if known is None:
        born = row.born if len(row.born) == 10 else None
        person = Person.objects.create(given_name=row.given_name, family_name=row.family_name, born_date=born)
        whole = json.dumps(_plain(queries.came(row)), ensure_ascii=False, sort_keys=True)
        known = Record.objects.create(
            source=source, external=row.external, person=person, digest=hashlib.sha256(whole.encode()).hexdigest(), at=at
        )
    person_id = known.person_id
    values = [("name", row.name), *(("number", number) for number in row.numbers)]
    held = set(
        Link.objects.filter(person_id=person_id, undone_at=None).values_list("observation__kind", "observation__value")
    )  # what an import brought stands already, and is not ours to take back
    links = identity.hold(
        [(person_id, kind, value) for kind, value in values if (kind, value) not in held], source=source, by=by, at=at
    )
    head = identified.head_of(person_id)
    told = [said for said in rules.ways(queries.came(row)) if not said.is_empty]
    described = [finding.describe(person=head, said=said, source=source, at=at) for said in dict.fromkeys(told)]
    return person_id, {"links": [link.pk for link in links], "descriptions": described}


def _plain(one: Came) -> dict[str, object]:
    return {
        "external": one.external, "given": one.given_name, "family": one.family_name, "born": one.born, "numbers": list(one.numbers),
        "addresses": [dict(address) for address in one.addresses], "flags": list(one.flags),
        "as_of": one.as_of.isoformat() if one.as_of else "",
    }  # fmt: skip


def _in_hand(contact: int) -> Contact:
    row = Contact.objects.select_for_update(of=("self",)).get(pk=contact)
    if row.state == Contact.State.WAITING:
        raise Refused("Answer it first.")
    if row.state == Contact.State.WRAPPED:
        raise Refused("It is written up: nobody is asked about it any more.")
    return row


def _locked(found: int) -> ResearchFound:
    return ResearchFound.objects.select_for_update(of=("self",)).select_related("research__contact").get(pk=found)
