"""The library of question sets, to be read and tried out by who answers for them. No contact, no person, nothing is kept."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from watchroom.assessment import queries, questions
from watchroom.assessment.views.asking import choices
from watchroom.force import queries as force
from watchroom.foundation import clock
from watchroom.foundation.permissions import StaffRequest, needs

MOST = 64  # answers in an address


@needs("assessment.library")
@require_GET
def library(request: StaffRequest) -> HttpResponse:
    """Every set of this force: version, source, whom it opens for, by when it has to be looked at again."""
    at = clock.now()
    policy = force.policy_at(at).policy
    labels = {one.code: one.label for one in policy.incident_types}
    shipped = {one.code for one in questions.shipped() if one == queries.library().get(one.code)}
    rows = [
        {
            "set": one,
            "opens_for": [labels.get(code, code) for code in one.opens_for],
            "is_own": one.code not in shipped,
            "is_late": one.review_by < at.date(),
        }
        for one in sorted(queries.library().values(), key=lambda one: one.title)
    ]
    covered = {code for one in queries.library().values() for code in one.opens_for}
    bare = [one.label for one in policy.incident_types if one.code not in covered]
    return render(request, "assessment/library.html", {"rows": rows, "bare": bare})


@needs("assessment.library")
@require_GET
def preview(request: StaffRequest, code: str) -> HttpResponse:
    """A walk through one set: `?a=hurt:yes&a=there:no` are the answers so far, codes and numbers only."""
    asking = queries.library().get(code)
    if asking is None:
        raise Http404
    at = clock.now()
    policy = force.policy_at(at).policy
    given: dict[str, str] = {}
    for pair in request.GET.getlist("a")[:MOST]:
        name, _, value = pair.partition(":")
        question = asking.question(name)
        if question and (value == questions.NOT_ANSWERED or question.outcome(value) in question.outcomes):
            given[name] = value
    coming = questions.next_questions(asking, given)
    known = {cue.code: cue.label for cue in policy.cues}
    elements = {element.code: element.name for model in reversed(policy.models) for element in model.elements}
    context: dict[str, Any] = {
        "asking": asking,
        "opens_for": [one.label for one in policy.incident_types if one.code in asking.opens_for],
        "is_late": asking.review_by < at.date(),
        "now": coming[0] if coming else None,
        "choices": _links(coming[0], given) if coming else [],
        "stage": questions.STAGES[coming[0].stage] if coming else "",
        "coming": coming[1:],
        "progress": questions.progress(asking, given),
        "done": [_done(one, given) for name in given if (one := asking.question(name))],
        "cues": [known.get(cue, cue) for cue in sorted(questions.cues(asking, given))],
        "offers": [(elements.get(name, name), offer) for name, offer in questions.offers(asking, given).items()],
        "all": [
            {
                "question": one,
                "when": " and ".join(f"{name}: {' or '.join(wanted)}" for name, wanted in one.only_if.items()),
                "effects": [(effect.label or questions.WORDS.get(name, name), effect) for name, effect in one.answers.items()],
            }
            for one in asking.questions
        ],
    }
    return render(request, "assessment/preview.html", context)


def _links(question: questions.Question, given: dict[str, str]) -> list[tuple[str, str, str]]:
    """(key, words, what the address has to say) of each answer; a number is tried as none and as two, words as said."""
    if question.kind == "number":
        tried = [("0", "0", "None"), ("2", "2", "Two")]
    elif question.kind == "text":
        tried = [(questions.SAID, "1", "Something is said")]
    else:
        tried = [(value, cap, words) for value, cap, words in choices(question)]
    tried.append((questions.NOT_ANSWERED, "s", "No answer"))
    return [(cap, words, _address({**given, question.code: value})) for value, cap, words in tried]


def _done(question: questions.Question, given: dict[str, str]) -> dict[str, Any]:
    value = given[question.code]
    left = dict(list(given.items())[: list(given).index(question.code)])
    words = "something was said" if value == questions.SAID else questions.in_words(question, value)
    return {"question": question, "words": words, "tell": question.effect(value).tell, "back": _address(left)}


def _address(given: dict[str, str]) -> str:
    return "?" + "&".join(f"a={name}:{value}" for name, value in given.items())
