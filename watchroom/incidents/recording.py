"""Somebody says whether a crime is recorded, and what its victim was told. The rules and the times are in `crimes.py`."""

import re
from datetime import datetime, timedelta

from django.db import transaction

from watchroom.duties import actions as duties
from watchroom.duties import queries as owed
from watchroom.force import queries as force
from watchroom.foundation import digest, facts
from watchroom.foundation.errors import Invalid, Refused
from watchroom.foundation.words import written
from watchroom.incidents import actions, crimes
from watchroom.incidents import facts as tells
from watchroom.incidents.models import Crime, Incident

REFERENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9/ .-]{2,39}")
LONGEST = 2000


@transaction.atomic
def record(*, incident: int, reference: str, by: str, at: datetime, has_victim: bool = True) -> Crime:
    """A crime is recorded under this reference. Said twice it stands once. What its victim is told is owed from now on."""
    reference = " ".join(reference.split()).upper()
    if not REFERENCE.fullmatch(reference):
        raise Invalid(reference="Give the crime reference as the crime system has it: 3 to 40 letters, digits, / - or a point.")
    row = actions.lock(incident)
    if earlier := Crime.objects.filter(incident=row, is_recorded=True, reference=reference).first():
        return earlier
    crime = Crime.objects.create(incident=row, is_recorded=True, reference=reference, has_victim=has_victim, by=by, at=at)
    _decided(row, crime, by=by, at=at)
    if has_victim:
        policy = force.policy_at(at).policy
        until = crimes.told_by(row, policy=policy, at=at)
        duties.owe(kind="victim_told", subject=("incident", row.pk), owner=crimes.DESK, due_at=until, by=by, at=at)
        support = at + timedelta(seconds=policy.victims_code.support_s)
        duties.owe(kind="victim_support", subject=("incident", row.pk), owner=crimes.DESK, due_at=support, by=by, at=at)
        if not row.is_open:
            crimes.owe_update(row, by=by, at=at)
    return crime


@transaction.atomic
def no_crime(*, incident: int, reason: str, account: str, by: str, at: datetime) -> Crime:
    """None is recorded, for this reason and on this account. Raises Invalid where that says nothing, Refused where one is recorded."""
    policy = force.policy_at(at).policy
    if reason not in {one.code for one in policy.crimes.reasons}:
        raise Invalid(reason="Choose why no crime is recorded.")
    least = policy.crimes.min_words
    account = written(account, field="account", says="Say on what account no crime is recorded", least=least, most=LONGEST)
    row = actions.lock(incident)
    found = crimes.of(row.pk)
    if any(one.is_recorded for one in found):
        raise Refused("A crime is recorded of this log. It is removed in the crime system, on verifiable information, not here.")
    if found and (found[-1].reason, found[-1].account) == (reason, account):
        return found[-1]
    crime = Crime.objects.create(incident=row, is_recorded=False, reason=reason, account=account, has_victim=False, by=by, at=at)
    _decided(row, crime, by=by, at=at)
    return crime


def _decided(row: Incident, crime: Crime, *, by: str, at: datetime) -> None:
    facts.tell(
        tells.CrimeDecided(
            incident=row.pk,
            crime=crime.pk,
            is_recorded=crime.is_recorded,
            reason=crime.reason,
            digest=digest.of(row.secret, *crimes.words(crime)),
        ),
        by=by,
        at=at,
    )
    duties.settle("crime", subject=("incident", row.pk), by=by, at=at)
    label = next((one.label for one in force.policy_at(at).policy.crimes.reasons if one.code == crime.reason), crime.reason)
    text = f"Crime recorded: {crime.reference}." if crime.is_recorded else f"No crime recorded: {label}. {crime.account}"
    actions.note(incident=row.pk, text=text, by=by, at=at, written_at=at, origin="crime")


@transaction.atomic
def tell_victim(*, incident: int, what: str, how: str, words: str, by: str, at: datetime) -> None:
    """It was done, or offered and not wanted; how, and in which words. Settles what was owed. Raises Refused when nothing is."""
    if what not in crimes.VICTIM or not owed.is_owed(what, ("incident", incident)):
        raise Refused("That is not owed, or somebody has done it already.")
    if how not in crimes.HOWS:
        raise Invalid(how="Say how.")
    if what == "victim_told" and how not in (*crimes.WRITTEN, "declined"):
        raise Invalid(how="This confirmation is given in writing: by letter, e-mail or text message.")
    words = written(words, field="words", says="Say what they were told, or what they said", least=3, most=LONGEST)
    row = actions.lock(incident)
    done = {"victim_told": "Crime number", "victim_support": "Support service", "victim_update": "How it ended"}[what]
    entry = actions.note(
        incident=row.pk, text=f"Victim, {done.lower()}: {crimes.HOWS[how]}. {words}", by=by, at=at, written_at=at, origin="victim"
    )
    facts.tell(tells.VictimTold(incident=row.pk, what=what, entry=entry.pk), by=by, at=at)
    duties.settle(what, subject=("incident", row.pk), by=by, at=at)
