"""The third stage: how much threat, harm, risk and vulnerability is there, and why?"""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from watchroom.assessment import actions, queries, rules
from watchroom.assessment.questions import Offer
from watchroom.contacts.models import Contact
from watchroom.contacts.views import find
from watchroom.force import queries as force
from watchroom.force.policy import Element
from watchroom.foundation import clock
from watchroom.foundation.errors import Invalid
from watchroom.foundation.permissions import StaffRequest, needs
from watchroom.identity.views import consult
from watchroom.shell import actions as drafts
from watchroom.shell import answers
from watchroom.shell import queries as kept


@needs("assessment.see")
@require_GET
def risk(request: StaffRequest, contact: int) -> HttpResponse:
    """The stage, with the element that is written next opened; `?open=` opens another."""
    row = find(contact)
    consult(request, row)
    return _stage(request, row, opened=request.GET.get("open", ""))


@needs("assessment.see")
@require_GET
def cues(request: StaffRequest, contact: int) -> HttpResponse:
    """Only what else is in play: it changes with each line that is written."""
    row = find(contact)
    consult(request, row)
    return _cues(request, row)


@needs("assessment.write")
@require_POST
def answer(request: StaffRequest, contact: int) -> HttpResponse:
    """POST `element`, `level`, `rationale`, perhaps `subject` and `basis`: one element judged (R48, R50). Opens the next owed."""
    row = find(contact)
    level, rationale = request.POST.get("level", ""), request.POST.get("rationale", "")
    problems = {}
    if level not in ("0", "1", "2", "3"):
        problems["level"] = "Choose a level, 0 to 3."
    if not rationale.strip():
        problems["rationale"] = "Write why, in your words."
    if problems:
        raise Invalid(**problems)
    element, subject = request.POST.get("element", ""), request.POST.get("subject", "") or "caller"
    at, by, basis = clock.now(), request.user.code, request.POST.get("basis", "")
    answers.once(
        request,
        "assessment.answer",
        lambda: actions.answer(
            contact=row.pk, element=element, level=int(level), rationale=rationale, subject=subject, basis=basis, by=by, at=at
        ),
    )
    drafts.forget_draft(member=request.user.pk, key=f"contact:{row.pk}:risk:{element}", sent=rationale)
    return answers.done(request, lambda: _stage(request, row, is_going_on=True), "wr:risk", said="Kept.")


@needs("assessment.write")
@require_POST
def save(request: StaffRequest, contact: int) -> HttpResponse:
    """The record is complete."""
    row = find(contact)
    actions.save(contact=row.pk, by=request.user.code, at=clock.now())
    return answers.done(request, lambda: _stage(request, row), "wr:risk", "wr:saved", said="The risk is on record.")


@needs("assessment.write")
@require_POST
def nothing(request: StaffRequest, contact: int) -> HttpResponse:
    """POST `because`: no threat, harm, risk or vulnerability heard, because … One line, and an assessment."""
    row = find(contact)
    actions.nothing_heard(contact=row.pk, because=request.POST.get("because", ""), by=request.user.code, at=clock.now())
    drafts.forget_draft(member=request.user.pk, key=f"contact:{row.pk}:nothing", sent=request.POST.get("because", ""))
    return answers.done(request, lambda: _stage(request, row), "wr:risk", "wr:saved", said="Judged: nothing heard.")


@needs("assessment.write")
@require_POST
def cue(request: StaffRequest, contact: int) -> HttpResponse:
    """POST `cue`, `is_present` (yes or no): a person's word overrules what was heard in the words."""
    row = find(contact)
    is_present = request.POST.get("is_present") == "yes"
    actions.hear(contact=row.pk, cue=request.POST.get("cue", ""), is_present=is_present, by=request.user.code, at=clock.now())
    return answers.done(request, lambda: _cues(request, row), "wr:cue", said="Kept.")


def _stage(request: StaffRequest, row: Contact, *, opened: str = "", is_going_on: bool = False) -> HttpResponse:
    at = clock.now()
    assessment = queries.newest(row.pk)
    policy = force.policy_number(assessment.policy_number).policy if assessment else force.policy_at(at).policy
    model = policy.model(assessment.model if assessment else "")
    answered = queries.answers(assessment)
    given = {a.element: a for a in sorted(answered, key=lambda a: (a.level or 0, a.subject == "caller"))}  # the gravest is shown
    problems = {m.element.code: m.says for m in rules.missing(answered, model)}
    offered = queries.offers(row.pk)
    owed = [e for e in model.elements if e.code in problems]
    is_saved = bool(assessment and assessment.saved_at)
    current = "" if is_saved else opened if opened in {e.code for e in model.elements} else (owed[0].code if owed else "")
    rows: list[dict[str, Any]] = [
        {
            "element": e,
            "answer": given.get(e.code),
            "word": e.levels[given[e.code].level or 0] if e.code in given else "",
            "is_now": e.code == current,
            "is_done": e.code in given and e.code not in problems,
            "problem": problems[e.code] if e.code in given and e.code in problems else "",
            "choices": [(n, word, e.code in given and given[e.code].level == n) for n, word in enumerate(e.levels)],
            "draft": f"contact:{row.pk}:risk:{e.code}",
            "all": [
                (rules.SUBJECTS.get(a.subject, a.subject), a, rules.BASES.get(a.basis, ""))
                for a in answered
                if a.element == e.code
            ],
            "offer": _offer(e, offered, [a.rationale for a in answered if a.element == e.code]),
        }
        for e in model.elements
    ]
    done = len(model.elements) - len(owed)
    unsent = kept.drafts(member=request.user.pk, about=f"contact:{row.pk}")
    for shown in rows:
        shown["unsent"] = unsent.get(shown["draft"])
    context: dict[str, Any] = {
        "contact": row,
        "model": model,
        "assessment": assessment,
        "is_saved": is_saved,
        "is_nothing_heard": bool(is_saved and assessment and assessment.kind == assessment.Kind.NOTHING_HEARD),
        "rows": rows,
        "again": reverse("assessment:risk", args=[row.pk]) + (f"?open={current}" if opened and current == opened else ""),
        "unsent": unsent.get(f"contact:{row.pk}:nothing"),
        "done": done,
        "total": len(model.elements),
        "is_begun": bool(given),
        "owed": owed,
        "focuses": is_going_on and bool(current),
        "focuses_save": is_going_on and not owed,
        "may_write": request.user.may("assessment.write") and row.state != Contact.State.WAITING,
        "reasons": policy.reasons,
        "subjects": rules.SUBJECTS.items(),
        "bases": rules.BASES.items(),
        "state": "done" if is_saved else "now" if row.place_id or row.place_said or given else "",
        "note": _note(row, is_saved, assessment, done, len(model.elements)),
        **_cue_context(row, at),
    }
    return render(request, "assessment/risk.html", context)


def _offer(element: Element, offered: dict[str, Offer], written: list[str]) -> dict[str, Any] | None:
    """What the answers to questions offer for this element, whatever the model calls it; nothing that is written already."""
    found = [offered[code] for code in dict.fromkeys((element.code, *element.counts)) if code in offered]
    words = " ".join(one.words for one in found)
    if not found or any(words in text for text in written):
        return None
    level = max(one.level for one in found)
    return {"level": level, "word": element.levels[level], "words": words}


def _note(row: Contact, is_saved: bool, assessment: Any, done: int, total: int) -> str:
    if is_saved:
        return "nothing heard" if assessment.kind == assessment.Kind.NOTHING_HEARD else "on record"
    return f"{done} of {total} written"


def _cues(request: StaffRequest, row: Contact) -> HttpResponse:
    context = {"contact": row, "may_write": request.user.may("assessment.write"), **_cue_context(row, clock.now())}
    return render(request, "assessment/_cues.html", context)


def _cue_context(row: Contact, at: Any) -> dict[str, Any]:
    """What is in play, and what else could be: people's circumstances to tick, everything else as it was heard."""
    policy = force.policy_at(at).policy
    present = queries.cues(row, at=at)
    heard = dict(rules.words_of_cues(row.heard().values_list("text", flat=True), policy))
    chips = [
        {"cue": c, "is_on": c.code in present, "words": ", ".join(heard.get(c.code, ()))}
        for c in policy.cues
        if c.code in present or c.kind == "person"
    ]
    return {
        "on": [chip for chip in chips if chip["is_on"]],
        "off": [chip for chip in chips if not chip["is_on"]],
        "aspects": len(rules.aspects(present, policy)),
    }
