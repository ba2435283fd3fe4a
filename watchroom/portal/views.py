"""Reporting something without being known, leaving at any moment, and looking how far a report is."""

from typing import Any

from django import forms
from django.conf import settings
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from watchroom.contacts.chat import rules as chats
from watchroom.force import queries as force
from watchroom.foundation.errors import Refused
from watchroom.portal import actions, queries, rules
from watchroom.portal.forms import LookForm, PlaceForm
from watchroom.portal.pages import Visitor, clean, is_forged, public_page, remember
from watchroom.portal.steps import LAST, STEPS, number_of

# From one address, which may be a whole refuge or university. Nobody's first tries come near.
ANSWERS = {"limit": 600, "seconds": 600}
SENDING = {"limit": 60, "seconds": 3600}
LOOKING = {"limit": 30, "seconds": 600}

FORGED = (
    "We could not be sure that this came from our own page. Nothing is lost: press the button once more. "
    "If you see this again, your browser may refuse cookies: ring 101 instead."
)
TOO_MANY = (
    "More came from this internet connection than one person sends. Nothing is lost: wait a few minutes and press the button "
    "once more. If it cannot wait, ring 101; in danger, ring 999."
)


# --- before ---------------------------------------------------------------------------------------------------------


@require_safe
@public_page
def start(visitor: Visitor) -> HttpResponse:
    """In danger? Ring 999. What this is for, and where it begins."""
    policy = force.policy_at(visitor.at).policy
    is_open = chats.is_open(visitor.at.astimezone(force.timezone()), policy)
    return visitor.render("start", {"chat_is_open": is_open, "chat_hours": chats.hours_said(policy)})


# --- the questions --------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@public_page
def step(visitor: Visitor, number: int) -> HttpResponse:
    """GET asks, POST keeps the answer and goes on. An answer is never lost: the page shows it again with what is wrong."""
    if not 1 <= number <= LAST:
        raise Http404("There is no such step.")
    if STEPS[number - 1].code == "check":
        return _check(visitor)
    if visitor.request.method != "POST":
        return _ask(visitor, number, _form(visitor, number))
    form = _form(visitor, number, visitor.request.POST)
    if problem := in_the_way(visitor, "answers", ANSWERS):
        return _ask(visitor, number, form, *problem)
    if not form.is_valid():
        return _ask(visitor, number, form, status=422)
    return _keep(visitor, number, form.cleaned_data)


def _form(visitor: Visitor, number: int, data: Any = None) -> forms.Form:
    extra: dict[str, Any] = {"answers": visitor.answers} if STEPS[number - 1].code == "you" else {}
    return STEPS[number - 1].form(data, initial=visitor.answers, **extra)


def _ask(visitor: Visitor, number: int, form: forms.Form, status: int = 200, problem: str = "") -> HttpResponse:
    context = {
        "form": form,
        "number": number,
        "step": STEPS[number - 1],
        "path": _path(visitor, number),
        "last": LAST,
        "problem": problem,
        "back": visitor.url("step", number=number - 1) if number > 1 else visitor.url("start"),
    }
    return visitor.render(f"step_{STEPS[number - 1].code}", context, status=status)


def _path(visitor: Visitor, number: int) -> list[dict[str, Any]]:
    """The steps as the side of the page lists them: done, now or to come. Never what was answered."""
    done = visitor.answers.get("done", [])
    return [
        {
            "number": each,
            "name": step.name,
            "mark": "n" if each == number else "d" if step.code in done else "o",
            "url": visitor.url("step", number=each),
        }
        for each, step in enumerate(STEPS, 1)
    ]


def _keep(visitor: Visitor, number: int, said: dict[str, Any]) -> HttpResponse:
    """Keep what was said, then the next page: what it means for danger now and for the place may come first."""
    answers = {**visitor.answers, **said}
    code = STEPS[number - 1].code
    if code == "where" and said["place"] != visitor.answers.get("place"):
        answers["place_reference"] = ""
    answers["done"] = [*(each for each in answers.get("done", []) if each != code), code]
    following = visitor.url("step", number=number + 1)
    if code == "where" and said["place"].strip() and not answers.get("place_reference") and queries.places(said["place"]):
        following = visitor.url("place")
    if code in ("what", "when"):
        heard = rules.urgent_cues(answers, force.policy_at(visitor.at).policy)
        if set(heard) - set(answers.get("asked", [])):
            answers["after_now"] = number + 1
            following = visitor.url("now")
    secret = actions.keep(secret=visitor.secret, answers=answers, at=visitor.at)
    return remember(HttpResponseRedirect(following), secret)


@require_http_methods(["GET", "HEAD", "POST"])
@public_page
def place(visitor: Visitor) -> HttpResponse:
    """Which address was meant? A page of its own, so that it works without scripts. “None of these” is a good answer."""
    found = queries.places(visitor.answers.get("place", ""))
    if not found:
        return redirect(visitor.url("step", number=number_of("when")))
    choices = [(each.reference, ", ".join(filter(None, (each.label, each.locality)))) for each in found]
    number = number_of("where")
    if visitor.request.method != "POST":
        return _ask_place(visitor, PlaceForm(places=choices, initial=visitor.answers))
    form = PlaceForm(visitor.request.POST, places=choices)
    if problem := in_the_way(visitor, "answers", ANSWERS):
        return _ask_place(visitor, form, *problem)
    if not form.is_valid():
        return _ask_place(visitor, form, status=422)
    secret = actions.keep(secret=visitor.secret, answers={**visitor.answers, **form.cleaned_data}, at=visitor.at)
    return remember(HttpResponseRedirect(visitor.url("step", number=number + 1)), secret)


def _ask_place(visitor: Visitor, form: forms.Form, status: int = 200, problem: str = "") -> HttpResponse:
    number = number_of("where")
    context = {
        "form": form,
        "number": number,
        "last": LAST,
        "path": _path(visitor, number),
        "problem": problem,
        "back": visitor.url("step", number=number),
    }
    return visitor.render("place", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@public_page
def now(visitor: Visitor) -> HttpResponse:
    """It sounds as if it is happening now: ring 999. What was written is kept, and nobody is held up."""
    onward = visitor.answers.get("after_now", number_of("where"))
    if visitor.request.method != "POST":
        return visitor.render("now", {"back": visitor.url("step", number=max(1, onward - 1))})
    if problem := in_the_way(visitor, "answers", ANSWERS):
        context = {"back": visitor.url("step", number=max(1, onward - 1)), "problem": problem[1]}
        return visitor.render("now", context, status=problem[0])
    heard = rules.urgent_cues(visitor.answers, force.policy_at(visitor.at).policy)
    secret = actions.keep(secret=visitor.secret, answers={**visitor.answers, "asked": list(heard)}, at=visitor.at)
    return remember(HttpResponseRedirect(visitor.url("step", number=onward)), secret)


# --- check and send -------------------------------------------------------------------------------------------------


def _check(visitor: Visitor) -> HttpResponse:
    """All answers on one page, each with a way back to its question, and Send."""
    if visitor.request.method != "POST":
        if visitor.kept.code:
            return redirect(visitor.url("sent"))
        return _show_answers(visitor, STEPS[-1].form())
    form = STEPS[-1].form(visitor.request.POST)
    if problem := in_the_way(visitor, "sending", SENDING):
        return _show_answers(visitor, form, *problem)
    if not form.is_valid():
        return _show_answers(visitor, form, status=422)
    try:
        actions.send(secret=visitor.secret or "", at=visitor.at)
    except Refused as refused:
        return _show_answers(visitor, form, 409, " ".join(refused.problems))
    return redirect(visitor.url("sent"))


def _show_answers(visitor: Visitor, form: forms.Form, status: int = 200, problem: str = "") -> HttpResponse:
    answers = visitor.answers
    picked = queries.place(answers.get("place_reference", ""))
    ways = [rules.WAYS[way] for way in answers.get("ways", []) if way in rules.WAYS]
    number = number_of("check")
    context = {
        "form": form,
        "problem": problem,
        "number": number,
        "last": LAST,
        "path": _path(visitor, number),
        "back": visitor.url("step", number=number - 1),
        "answers": answers,
        "safe": rules.safe_contact(answers),
        "ways": ", ".join(ways),
        "picked": picked,
        "when": rules.WHEN.get(answers.get("when", ""), ""),
        "change": {step.code: visitor.url("step", number=each) for each, step in enumerate(STEPS, 1)},
    }
    return visitor.render("step_check", context, status=status)


@require_safe
@public_page
def sent(visitor: Visitor) -> HttpResponse:
    """The reference, on this screen only. It can be shown again until the hour is over or somebody leaves."""
    if not visitor.kept.code:
        return redirect(visitor.url("start"))
    return visitor.render("sent", {"code": visitor.kept.code})


# --- after ----------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@public_page
def look(visitor: Visitor) -> HttpResponse:
    """POST `code`: how far it is, in one of four words. Never what it is about, nor how somebody can be reached."""
    if visitor.request.method != "POST":
        return visitor.render("look", {"form": LookForm()})
    form = LookForm(visitor.request.POST)
    if problem := in_the_way(visitor, "looking", LOOKING):
        return visitor.render("look", {"form": form, "problem": problem[1]}, status=problem[0])
    if not form.is_valid():
        return visitor.render("look", {"form": form}, status=422)
    status = queries.status(form.cleaned_data["code"])
    reached = rules.STATUSES.index(status) if status else -1
    return visitor.render("look", {"form": LookForm(), "status": status, "reached": reached, "is_answer": True})


@require_GET
@public_page
def leave(visitor: Visitor) -> HttpResponse:
    """Everything kept of this visit is gone, and the browser is somewhere harmless. A plain link: it works without scripts.

    A link and not a form: a form's redirect to another site is refused by our own content security policy.
    """
    response: HttpResponse = HttpResponseRedirect(settings.WATCHROOM_EXIT_TO)
    if "prefetch" not in visitor.request.headers.get("Sec-Purpose", ""):
        actions.leave(secret=visitor.talk_secret, at=visitor.at)
        actions.forget(secret=visitor.secret)
        clean(response)
    response["Referrer-Policy"] = "no-referrer"
    return response


@require_safe
@public_page
def accessibility(visitor: Visitor) -> HttpResponse:
    return visitor.render("accessibility")


@require_safe
@public_page
def privacy(visitor: Visitor) -> HttpResponse:
    return visitor.render("privacy")


@require_safe
@public_page
def cookies(visitor: Visitor) -> HttpResponse:
    return visitor.render("cookies")


# --- what may be in the way -----------------------------------------------------------------------------------------


def in_the_way(visitor: Visitor, what: str, rate: dict[str, int]) -> tuple[int, str] | None:
    """(status, sentence) when a POST is not taken; the page is then shown again with everything that was typed."""
    if is_forged(visitor.request):
        return 403, FORGED
    if not visitor.allows(what, **rate):
        return 429, TOO_MANY
    return None
