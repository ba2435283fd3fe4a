"""Staff come, go and show where they are."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.db import connection, transaction

from watchroom.force import queries as force
from watchroom.foundation import facts, scope
from watchroom.foundation.errors import Invalid, Refused
from watchroom.staff.facts import MemberJoined, SkillsSet, StateChanged
from watchroom.staff.models import Member, Presence
from watchroom.staff.queries import HERE_FOR
from watchroom.staff.roles import ROLES
from watchroom.staff.states import CHOSEN, STAYS

TRIES_KEPT = timedelta(days=30)  # long enough to look into an attack; docs/operations.md says so


def join(*, name: str, full_name: str, roles: list[str], password: str, desk: str = "", by: str, at: datetime) -> Member:
    """A new account. Raises ValueError for a role that does not exist."""
    if unknown := set(roles) - set(ROLES):
        raise ValueError(f"There is no role {', '.join(sorted(unknown))}; there are {', '.join(ROLES)}.")
    with transaction.atomic():
        member = Member(name=name, full_name=full_name, roles=roles, desk=desk)
        member.set_password(password)
        member.save()
        facts.tell(MemberJoined(member=member.pk, roles=roles), by=by, at=at)
        return member


def show_state(*, member: Member, state: str, at: datetime, by: str = "") -> None:
    """The member's state (`staff.states`). Only a change is a fact; being seen is not. `by`: who says so, when not they themselves."""
    with transaction.atomic():
        presence, made = Presence.objects.get_or_create(member=member, defaults={"state": state, "since": at, "seen_at": at})
        if made or presence.state != state:
            presence.state, presence.since = state, at
            facts.tell(StateChanged(member=member.pk, state=state), by=by or member.code, at=at)
        if not by:
            presence.seen_at = at
        presence.save()


def choose_state(*, member: Member, state: str, at: datetime) -> None:
    """They say themselves what they do: ready, on a break, on other work. Raises Invalid for what is not theirs to say."""
    if state not in CHOSEN:
        raise Invalid(state=f"Choose one of {', '.join(CHOSEN)}.")
    show_state(member=member, state=state, at=at)


def ready(*, member: Member, at: datetime) -> str:
    """They have opened the page where contacts ring: ready, unless they said otherwise and have been here since. Returns their state."""
    presence = Presence.objects.filter(member=member).first()
    if presence and presence.state in STAYS and presence.seen_at > at - HERE_FOR:
        return presence.state
    show_state(member=member, state="available", at=at)
    return "available"


def set_skills(*, member: int, levels: Mapping[str, int], by: str, at: datetime) -> Member:
    """Set these skills of somebody who takes contacts: skill → level of the policy, 0 for none. What is not named stays.

    Routing reads it at its next turn, which this fact begins (`contacts.offers`). The same again changes nothing.
    Raises Invalid for a skill or a level that the policy does not have, Refused for somebody who takes no contacts.
    """
    policy = force.policy_at(at).policy.routing
    known, most = {one.code for one in policy.abilities}, len(policy.levels)
    for skill, level in levels.items():
        if skill not in known:
            raise Invalid(**{f"skill-{skill}": "The policy of this force has no such skill."})
        if not 0 <= level <= most:
            raise Invalid(**{f"skill-{skill}": f"Choose a level from 1 to {most}, or none."})
    with transaction.atomic():
        row = Member.objects.select_for_update().get(pk=member)
        if "contacts.take" not in row.given:
            raise Refused(f"{row.full_name} takes no contacts: nothing is routed to them.")
        skills = {skill: level for skill, level in {**row.skills, **levels}.items() if level}
        if skills != row.skills:
            row.skills = skills
            row.save(update_fields=["skills"])
            facts.tell(SkillsSet(member=row.pk, skills=skills), by=by, at=at)
        return row


def forget_tries(*, at: datetime) -> int:
    """Throw away what django-axes keeps of wrong passwords (name, address, browser) after TRIES_KEPT. Of all forces: it knows none."""
    since = at - TRIES_KEPT
    return sum(kept.objects.filter(attempt_time__lt=since).delete()[0] for kept in (AccessAttempt, AccessFailureLog, AccessLog))


def seen(*, member: int, at: datetime) -> None:
    """This member has a live screen open. The live stream says so about once a minute; it is not a fact, and never waits for a lock."""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into staff_presence (force, member_id, state, since, seen_at) values (%s, %s, 'here', %s, %s)"
            " on conflict (member_id) do nothing",
            [scope.require(), member, at, at],
        )
        cursor.execute(
            "update staff_presence set seen_at = %s where id in"
            " (select id from staff_presence where force = %s and member_id = %s and seen_at < %s for update skip locked)",
            [at, scope.require(), member, at],
        )
