"""What is owed about an incident, and by when? Each clock is a duty, opened and settled here and nowhere else.

attend   somebody is there          from the grade; the promise of the response standard (R62)
decide   before that is missed      somebody decides what to do (R75)
review   the risk of who waits      is looked at again, at least so often (R82)
look     something new came         and nobody has looked at it (R76)
regrade  the risk asks for more     than was decided
resolve  nobody is sent             so somebody resolves it
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from watchroom.assessment import queries as assessment
from watchroom.contacts.models import Contact
from watchroom.duties import actions as duties
from watchroom.force import queries as force
from watchroom.force.policy import Policy
from watchroom.foundation import facts
from watchroom.foundation.facts import Told
from watchroom.incidents import facts as tells
from watchroom.incidents import interlock, queries, rules
from watchroom.incidents.models import Incident

ALL = ("grade", "regrade", "attend", "decide", "review", "resolve")  # what a new grade settles, before it owes anew


def set_for(row: Incident, *, policy: Policy, by: str, at: datetime) -> None:
    """After a grade was decided, or the log taken up again: what is owed from now on, and what no longer is. Of a locked row."""
    subject = ("incident", row.pk)
    duties.settle(*ALL, subject=subject, by=by, at=at)
    if not row.grade:
        return
    if not policy.grade(row.grade).needs_deployment:
        # the resolving desk settles it with the outcome; the time is that of the longest promise there is
        due = at + timedelta(days=1)
        duties.owe(kind="resolve", subject=subject, owner="desk:resolution", due_at=due, by=by, at=at)
        return
    if row.attend_by and not row.attended_at:
        duties.owe(kind="attend", subject=subject, owner="desk:despatch", due_at=row.attend_by, by=by, at=at)
    _owe_decision(row, policy, by=by, at=at)
    _owe_review(row, policy, by=by, at=at)


def decide_again(row: Incident, *, by: str, at: datetime) -> None:
    """What happens if the target is missed has to be decided, anew: nothing was, or something else than was asked for."""
    if row.is_open and not row.attended_at and row.attend_by:
        duties.settle("decide", subject=("incident", row.pk), by=by, at=at)
        _owe_decision(row, force.policy_at(at).policy, by=by, at=at)


def restart_review(row: Incident, *, policy: Policy, by: str, at: datetime) -> None:
    """The risk was just looked at; when it is looked at again."""
    duties.settle("review", subject=("incident", row.pk), by=by, at=at)
    _owe_review(row, policy, by=by, at=at)


def owe_result(row: Incident, *, by: str, at: datetime) -> None:
    """A log that is open is closed by somebody, with its result."""
    due = at + timedelta(days=1)
    duties.owe(kind="close", subject=("incident", row.pk), owner="desk:despatch", due_at=due, by=by, at=at)


def _owe_decision(row: Incident, policy: Policy, *, by: str, at: datetime) -> None:
    late = row.delayed_until or row.attend_by  # a delay is always to later than the promise
    if late and not row.attended_at:
        due = interlock.decide_by(late, at, policy)
        duties.owe(kind="decide", subject=("incident", row.pk), owner="desk:despatch", due_at=due, by=by, at=at)


def _owe_review(row: Incident, policy: Policy, *, by: str, at: datetime) -> None:
    due = rules.review_by(row.grade, at, policy) if row.grade else None
    if due and not row.attended_at and row.is_open:
        duties.owe(kind="review", subject=("incident", row.pk), owner=row.risk_holder, due_at=due, by=by, at=at)


# --- reactions ------------------------------------------------------------------------------------------------------


def notice_news(told: Told) -> None:
    """Reaction to a line, a cue, a cut line or one more contact: does it ask somebody to look at the risk again?"""
    what = _what(told)
    incident = queries.of_contact(getattr(told.fact, "contact", 0)) if what else None
    if incident is None:
        return
    contact = Contact.objects.select_related("owner").get(pk=getattr(told.fact, "contact", 0))
    if not interlock.is_news(
        risk_saved=assessment.is_saved(contact.pk) or what == "contact",
        is_in_hand=contact.state in (Contact.State.ANSWERED, Contact.State.ENDED),
        is_by_owner=contact.owner is not None and told.by == contact.owner.code and what != "contact",
        is_closed=not incident.is_open,
    ):
        return
    policy = force.policy_at(told.at).policy
    with transaction.atomic(savepoint=False):
        due = told.at + timedelta(seconds=policy.interlock.look_s)
        owner = incident.risk_holder if incident.is_open else "desk:supervisor"
        owe = duties.owe_as_others if what == "contact" else duties.owe  # hundreds may be linked at once
        owe(kind="look", subject=("incident", incident.pk), owner=owner, due_at=due, by=told.by, at=told.at)
        facts.tell(tells.NewsCame(incident=incident.pk, what=what), by=told.by, at=told.at)
        ask_for_more(incident, at=told.at, by=told.by)


def _what(told: Told) -> str:
    """What kind of news a fact is; nothing for what only repeats what is known."""
    fact: Any = told.fact
    if isinstance(fact, tells.ContactInvolved):
        return "contact"
    if hasattr(fact, "how"):
        return "cut_off" if fact.how == "cut_off" else ""
    if hasattr(fact, "cue"):
        return "cue" if fact.is_present else ""
    if hasattr(fact, "line"):
        return "line" if fact.origin not in ("system", "unit") else ""
    return ""


def notice_look(told: Told) -> None:
    """Reaction: a risk record was saved, for the first time or again. What was owed about it is done; does it ask for more?"""
    incident = queries.of_contact(getattr(told.fact, "contact", 0))
    if incident is None:
        return
    policy = force.policy_at(told.at).policy
    duties.settle("look", subject=("incident", incident.pk), by=told.by, at=told.at)
    if not incident.is_open:
        return
    facts.tell(tells.RiskReviewed(incident=incident.pk, assessment=getattr(told.fact, "assessment", 0)), by=told.by, at=told.at)
    restart_review(incident, policy=policy, by=told.by, at=told.at)
    ask_for_more(incident, at=told.at, by=told.by)


def ask_for_more(incident: Incident, *, at: datetime, by: str) -> None:
    """Where the risk now suggests a more urgent grade than was decided, somebody decides again; soon.

    Not where a person has just decided against the very same suggestion.
    """
    if not incident.is_open or not incident.grade:
        return
    policy = force.policy_at(at).policy
    suggested = queries.suggestion(incident, at=at).grade
    if not policy.is_more_urgent(suggested, incident.grade):
        return
    decided = incident.decisions.order_by("-at", "-pk").first()
    if decided is None or policy.is_more_urgent(suggested, decided.suggested or None):
        due = at + timedelta(seconds=policy.interlock.regrade_s)
        duties.owe(kind="regrade", subject=("incident", incident.pk), owner=incident.risk_holder, due_at=due, by=by, at=at)
