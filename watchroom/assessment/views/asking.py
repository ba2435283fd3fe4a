"""The questions beside the log: which one is next, what was answered, and what to tell the caller.

The panel belongs to the second stage, which knows the type of incident; it asks `context` for what to show. It never takes
the focus by itself: only a key or an answer given in it moves it.
"""

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST

from watchroom.assessment import actions, queries, questions
from watchroom.assessment.models import AnswerGiven
from watchroom.contacts.models import Contact
from watchroom.contacts.views import find
from watchroom.foundation import clock
from watchroom.foundation.errors import Refused
from watchroom.foundation.permissions import StaffRequest, needs
from watchroom.shell import actions as drafts
from watchroom.shell import answers
from watchroom.shell import queries as kept

KEYS = {"yes": "y", "no": "n", questions.CANNOT_SAY: "u"}  # a choice's answers are counted: 1, 2, 3 …


@needs("assessment.write")
@require_POST
def ask(request: StaffRequest, contact: int) -> HttpResponse:
    """POST `asking`, `question`, `answer`: it was asked, and answered so. Answers with the panel, at the next question."""
    row = find(contact)
    if row.state in (Contact.State.WAITING, Contact.State.WRAPPED):
        raise Refused("Answer it first." if row.state == Contact.State.WAITING else "It is written up.")
    asking, question = request.POST.get("asking", "")[:40], request.POST.get("question", "")[:40]
    given, at, by = request.POST.get("answer", ""), clock.now(), request.user.code
    answers.once(
        request,
        "assessment.answer_question",
        lambda: actions.answer_question(contact=row.pk, asking=asking, question=question, given=given, by=by, at=at),
    )
    drafts.forget_draft(member=request.user.pk, key=_draft(row, asking, question))
    heard = request.POST.getlist("heard")
    shown = {**context(request, row, asking=queries.library().get(asking), heard=heard), "focuses": True}
    return answers.done(request, lambda: render(request, "assessment/_asks.html", shown), "wr:asked", said="Asked.")


def panel(request: StaffRequest, row: Contact, *, kind: str, heard: Sequence[str] = (), opened: str = "") -> HttpResponse:
    """The panel alone, after something changed. `opened`: a question to be answered again."""
    shown = context(request, row, asking=set_for(row, kind, heard), heard=heard, opened=opened)
    return render(request, "assessment/_asks.html", {**shown, "focuses": bool(opened)})


def beside(request: StaffRequest, row: Contact, *, kind: str, heard: Sequence[str] = ()) -> SafeString:
    """The panel within another room's page."""
    shown = context(request, row, asking=set_for(row, kind, heard), heard=heard)
    return SafeString(render_to_string("assessment/_asks.html", shown, request=request))


def set_for(row: Contact, kind: str, heard: Sequence[str] = ()) -> questions.QuestionSet | None:
    """The set of a chosen type. Where the type is only suggested (`heard`), a set that was begun is gone on with."""
    if heard and (last := AnswerGiven.objects.filter(contact=row).order_by("-at", "-pk").first()):
        return queries.library().get(last.asking) or queries.opened_by(kind)
    return queries.opened_by(kind) if kind else None


def context(
    request: StaffRequest,
    row: Contact,
    *,
    asking: questions.QuestionSet | None,
    heard: Sequence[str] = (),
    opened: str = "",
) -> dict[str, Any]:
    """What the panel shows. `heard`: the words from which the type is suggested, empty when a person chose it."""
    may_ask = request.user.may("assessment.write") and row.state not in (Contact.State.WAITING, Contact.State.WRAPPED)
    if asking is None:
        return {"contact": row, "asking": None}
    given: dict[str, AnswerGiven] = {}
    for one in AnswerGiven.objects.filter(contact=row, asking=asking.code).order_by("at", "pk"):
        given.pop(one.question, None)  # the last said stands last
        given[one.question] = one
    values = {code: one.value for code, one in given.items()}
    coming = questions.next_questions(asking, values)
    now = (asking.question(opened) if opened else None) or (coming[0] if coming else None)
    asked, total = questions.progress(asking, values)
    last = next(iter(reversed(given.values())), None)
    answered = asking.question(last.question) if last else None
    unsent = kept.draft(member=request.user.pk, key=_draft(row, asking.code, now.code)) if now else None
    return {
        "contact": row,
        "asking": asking,
        "heard": list(heard)[:4],
        "may_ask": may_ask,
        "now": now,
        "choices": choices(now) if now else [],
        "stage": questions.STAGES[now.stage] if now else "",
        "number": min(asked + 1, total) if now and not opened else asked,
        "asked": asked,
        "total": total,
        "coming": [one for one in coming if one != now][:6],
        "done": [
            {"question": question, "words": given[question.code].words, "in_vain": one == questions.NOT_ANSWERED}
            for code, one in values.items()
            if (question := asking.question(code)) and question != now
        ],
        "tell": answered.effect(last.value).tell if answered and last and not opened else "",
        "draft": _draft(row, asking.code, now.code) if now else "",
        "unsent": unsent,
    }


def choices(question: questions.Question) -> list[tuple[str, str, str]]:
    """(value, key, words) of the answers that one key gives."""
    if question.kind == "choice":
        own = [code for code in question.outcomes if code != questions.CANNOT_SAY]
        found = [(code, str(number), question.answers[code].label) for number, code in enumerate(own, start=1)]
    elif question.kind == "yes_no":
        found = [(code, KEYS[code], questions.WORDS[code]) for code in ("yes", "no")]
    else:
        return []
    return [*found, (questions.CANNOT_SAY, KEYS[questions.CANNOT_SAY], questions.WORDS[questions.CANNOT_SAY])]


def _draft(row: Contact, asking: str, question: str) -> str:
    return f"contact:{row.pk}:ask:{asking}.{question}"
