"""Who can do what, as routing reads it: a supervisor sets it for one person at a time, and sees who set it before."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from watchroom.force import queries as force
from watchroom.force.policy import Policy
from watchroom.foundation import clock
from watchroom.foundation.errors import Invalid
from watchroom.foundation.models import Fact
from watchroom.foundation.permissions import StaffRequest, needs
from watchroom.shell import answers
from watchroom.staff import actions, queries
from watchroom.staff.models import Member

SHOWN_BEFORE = 20  # changes of one person


@needs("staff.skills")
@require_GET
def page(request: StaffRequest) -> HttpResponse:
    """`?member=12` opens somebody's skills. Who takes contacts, by name; and how many can do each thing, of whom so many are here."""
    at, wanted = clock.now(), request.GET.get("member", "")
    policy = force.policy_at(at).policy
    people = [one for one in Member.objects.filter(is_active=True).order_by("full_name") if "contacts.take" in one.given]
    here = {seen.member.pk for seen in queries.room_now(at)}
    chosen = queries.chosen(wanted)
    context: dict[str, Any] = {
        "people": [{"member": one, "is_here": one.pk in here, "can": in_words(one.skills, policy)} for one in people],
        "counts": _counts(people, here, policy),
        "chosen": chosen,
        "is_unknown": bool(wanted) and chosen is None,
        "now": at,
    }
    if chosen:
        context["fields"] = [{"ability": one, "level": chosen.skills.get(one.code, 0)} for one in policy.routing.abilities]
        context["levels"] = [(0, "No"), *enumerate(policy.routing.levels, 1)]
        context["before"] = before(chosen.pk, policy)
        context["takes"] = "contacts.take" in chosen.given
    return render(request, "staff/skills.html", context)


@needs("staff.skills")
@require_POST
def keep(request: StaffRequest, member: int) -> HttpResponse:
    """POST `skill-<code>` a level and `was-<code>` what the page showed: only what was changed here is set, so that two
    supervisors at one person do not undo each other."""
    row, at = get_object_or_404(Member.objects.filter(is_active=True), pk=member), clock.now()
    changed: dict[str, int] = {}
    for name in request.POST:
        skill, value = name.removeprefix("skill-"), request.POST.get(name, "")
        if name != skill and value != request.POST.get(f"was-{skill}"):
            if not (value.isascii() and value.isdecimal() and len(value) == 1):
                raise Invalid(**{name: "Choose one of the levels."})
            changed[skill] = int(value)
    if not changed:
        raise Invalid(skills="Nothing was changed: choose another level first.")
    actions.set_skills(member=row.pk, levels=changed, by=request.user.code, at=at)
    said = f"{row.full_name}: kept. Contacts are offered by it from now on."
    return answers.go(request, f"{reverse('staff:skills')}?member={row.pk}", said=said)


def in_words(skills: dict[str, int], policy: Policy) -> list[str]:
    """`Welsh: Able`; in the order of the policy, then what it no longer has."""
    labels = {one.code: one.label for one in policy.routing.abilities}
    order = {code: place for place, code in enumerate(labels)}
    levels = policy.routing.levels
    found = sorted(skills.items(), key=lambda pair: (order.get(pair[0], len(order)), pair[0]))
    return [f"{labels.get(skill, skill)}: {levels[min(level, len(levels)) - 1]}" for skill, level in found if level]


def before(member: int, policy: Policy) -> list[dict[str, Any]]:
    """What was set, the newest first: who, when, and what it changed. The facts themselves are read; nothing is kept twice."""
    rows = list(
        Fact.objects.filter(kind="SkillsSet", subject_kind="member", subject_id=member).order_by("-pk")[: SHOWN_BEFORE + 1]
    )
    names = queries.names({row.by for row in rows})
    found = []
    for row, earlier in zip(rows[:SHOWN_BEFORE], [*rows[1:], None], strict=False):
        was: dict[str, int] = earlier.body["skills"] if earlier else {}
        now: dict[str, int] = row.body["skills"]
        changed = {skill: level for skill, level in now.items() if level != was.get(skill)}
        gone = [skill for skill in was if skill not in now]
        labels = {one.code: one.label for one in policy.routing.abilities}
        says = [*in_words(changed, policy), *(f"{labels.get(skill, skill)}: taken off" for skill in gone)]
        found.append({"at": row.at, "by": names[row.by], "says": says})
    return found


def _counts(people: list[Member], here: set[int], policy: Policy) -> list[dict[str, Any]]:
    """For each skill who has it, who of them is here, and whether a channel asks for it that then nobody here is offered."""
    channels = {channel.code: channel.label for channel in policy.channels}
    found = []
    for one in policy.routing.abilities:
        able = [member.pk for member in people if member.skills.get(one.code)]
        asks = [channels.get(channel, channel) for channel, code in policy.routing.skills.items() if code == one.code]
        spoken = [channels.get(channel, channel) for channel, code in policy.routing.asked_first.items() if code == one.code]
        spoken += [way.label for way in policy.speaking.ways if way.skill == one.code]
        spoken += [language.label for language in policy.speaking.languages if language.skill == one.code]
        found.append({"spoken": spoken, "ability": one, "able": len(able), "here": len(here.intersection(able)), "asks": asks})
    return found
