"""Seeing a series, and what the vulnerability desk does about it. It never changes a grade: people do, in the room of incidents."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from watchroom.duties import actions as duties
from watchroom.force import queries as force
from watchroom.force.policy import Series
from watchroom.foundation import digest, facts, locks
from watchroom.foundation.errors import Invalid, Refused
from watchroom.foundation.facts import Told
from watchroom.foundation.words import written
from watchroom.incidents import queries as incidents
from watchroom.incidents.models import Incident
from watchroom.referrals import facts as tells
from watchroom.referrals import queries, rules
from watchroom.referrals.models import Alert, AlertIncident, Step

DESK, SUPERVISOR, SYSTEM = "desk:vulnerability", "desk:supervisor", "system:referrals"
STEPS = {"contact": "Contact made", "advice": "Advised", "referral": "Referred"}
CONTRIBUTIONS = {
    "changed_grade": "The grade was changed",
    "changed_outcome": "The outcome was changed",
    "referral_made": "A referral was made",
    "none": "A series, nothing to add",
    "no_series": "No series",
}
MIN_TEXT, MAX_TEXT = 8, 4000


def notice(told: Told) -> None:
    """Reaction, done soon: an incident was graded or closed, its caller confirmed or somebody's part said. Is it a series with others?"""
    named = Incident.objects.select_related("place").filter(pk=getattr(told.fact, "incident", 0)).first()
    row = named or incidents.of_contact(getattr(told.fact, "contact", 0))
    if row is None:
        return
    adopted = force.policy_at(told.at)
    labels = {entry.code: entry.label for entry in adopted.policy.incident_types}
    parts = {one.code for one in adopted.policy.parties if one.joins_series}
    for same, ref in queries.threads(row, parts):
        past = queries.happened(same, ref, parts, until=told.at)
        for series in adopted.policy.series:
            found = rules.find(past, series, labels=labels, including=row.pk)
            if found:
                _see(series, same, ref, found, policy=adopted.number, at=told.at)


def _see(series: Series, same: str, ref: str, found: rules.Found, *, policy: int, at: datetime) -> None:
    """Open an alert, or let the open one grow. What was judged before opens it again only when something new has come."""
    with transaction.atomic():
        locks.hold("series-alert")
        all_of_it = Alert.objects.filter(series=series.code, same=same, ref=ref)
        # one run of incidents is one alert, whether it is the number or the address that holds it together
        known = Alert.objects.filter(Q(pk__in=all_of_it) | Q(series=series.code, settled_at=None))
        seen = set(AlertIncident.objects.filter(alert__in=known).values_list("incident_id", flat=True))
        new = [pk for pk in found.incidents if pk not in seen]
        if not new:
            return
        alert = all_of_it.filter(settled_at=None).first()
        is_new = alert is None
        if alert is None:
            alert = Alert.objects.create(
                series=series.code, same=same, ref=ref, because=list(found.because), policy_number=policy, opened_at=at
            )
        else:
            alert.because = list(found.because)
            alert.save(update_fields=["because"])
        members = found.incidents if is_new else new
        AlertIncident.objects.bulk_create([AlertIncident(alert=alert, incident_id=pk, at=at) for pk in members])
        if not is_new:
            facts.tell(tells.SeriesGrew(series_alert=alert.pk, incidents=len(new)), by=SYSTEM, at=at)
            return
        due = at + timedelta(seconds=series.look_s)
        duties.owe(kind="series", subject=("series_alert", alert.pk), owner=DESK, due_at=due, by=SYSTEM, at=at)
        facts.tell(
            tells.SeriesSeen(series_alert=alert.pk, series=series.code, same=same, incidents=len(members)), by=SYSTEM, at=at
        )


def climb(told: Told) -> None:
    """Reaction: nobody looked at a series in time. The supervisor has it now."""
    duties.climb(told, "series", to=SUPERVISOR, by=SYSTEM)


def take(*, alert: int, member: int, by: str, at: datetime) -> Alert:
    """Somebody looks at it. Taking what one has changes nothing; another's is taken over."""
    with transaction.atomic():
        row = _open(alert)
        if row.taken_by != by:
            row.taken_by, row.taken_at = by, at
            row.save(update_fields=["taken_by", "taken_at"])
            facts.tell(tells.SeriesTaken(series_alert=row.pk, member=member), by=by, at=at)
        return row


def work(*, alert: int, what: str, text: str, by: str, at: datetime) -> Step:
    """Contact made, advised, or referred: what was done, in words. Raises Invalid."""
    if what not in STEPS:
        raise Invalid(what="Choose what was done.")
    words = written(text, field="text", says="Write what was done, and with whom", least=MIN_TEXT, most=MAX_TEXT)
    with transaction.atomic():
        row = _open(alert)
        step = Step.objects.create(alert=row, what=what, text=words, by=by, at=at)
        facts.tell(
            tells.SeriesWorked(series_alert=row.pk, step=step.pk, what=what, digest=digest.of(row.secret, words)), by=by, at=at
        )
        return step


def settle(*, alert: int, contribution: str, conclusion: str, by: str, at: datetime) -> Alert:
    """What came of it, in a code and in words; “no series” too needs its reason (R93). A repeat changes nothing. Raises Invalid."""
    if contribution not in CONTRIBUTIONS:
        raise Invalid(contribution="Choose what came of it.")
    words = written(conclusion, field="conclusion", says="Write why, in a sentence", least=MIN_TEXT, most=MAX_TEXT)
    with transaction.atomic():
        row = Alert.objects.select_for_update().get(pk=alert)
        if row.settled_at:
            return row
        if contribution == "referral_made" and not row.steps.filter(what="referral").exists():
            raise Refused("No referral is written down yet: add it first.")
        row.contribution, row.conclusion, row.settled_by, row.settled_at = contribution, words, by, at
        row.save(update_fields=["contribution", "conclusion", "settled_by", "settled_at"])
        duties.settle("series", subject=("series_alert", row.pk), by=by, at=at)
        facts.tell(
            tells.SeriesSettled(series_alert=row.pk, contribution=contribution, digest=digest.of(row.secret, words)), by=by, at=at
        )
        return row


def _open(alert: int) -> Alert:
    row = Alert.objects.select_for_update().get(pk=alert)
    if row.settled_at:
        raise Refused("This is settled already.")
    return row
