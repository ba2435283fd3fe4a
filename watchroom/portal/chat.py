"""Writing with somebody in the control room: first whether it is safe, then the first words, then to and fro.

Everything works without scripts: a message is a form, and what comes is a frame that loads itself anew, so that nothing that is
being typed is ever lost to it. With scripts the page asks for news every few seconds. The conversation is opened by a cookie that
ends with the browser; no address and no title says what it is about.
"""

import uuid
from typing import Any

from csp.decorators import csp_replace
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from watchroom.contacts.chat import actions as chats
from watchroom.contacts.chat import queries as chat_queries
from watchroom.contacts.chat import rules as chat_rules
from watchroom.force import queries as force
from watchroom.foundation import clock, rates, writing
from watchroom.foundation.errors import Invalid, Refused
from watchroom.portal import actions, queries, rules
from watchroom.portal.forms import BeginForm, MessageForm, NowForm, SafeForm
from watchroom.portal.models import Talk
from watchroom.portal.pages import COOKIE, TALK, Visitor, is_forged, public_page, remember
from watchroom.portal.views import ANSWERS, SENDING, TOO_MANY, in_the_way

# Of one conversation, on whatever devices: a page asks 20 times in a minute, a frame without scripts 12.
NEWS = {"limit": 120, "seconds": 60}
MESSAGES = {"limit": 60, "seconds": 60}
FROM_ONE_PLACE = {"limit": 1200, "seconds": 600}  # messages from one address, which may be a whole refuge
TYPED = {"limit": 90, "seconds": 60}
FRAME_S = 5  # without scripts, what was said is loaded anew this often
WRITING_AGAIN_S = 3

GONE = "This conversation is no longer open in this browser."


# --- before ---------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@public_page
def start(visitor: Visitor) -> HttpResponse:
    """Is it safe to write here now? Closed, it says when it is open and what else there is."""
    row = queries.talk(visitor.talk_secret, at=visitor.at)
    if row and chat_rules.may_write(row.contact.state):
        return redirect(visitor.url("chat_talk"))
    if not _is_open(visitor):
        hours = chat_rules.hours_said(force.policy_at(visitor.at).policy)
        return visitor.render("chat_closed", {"hours": hours}, status=200)
    if visitor.request.method != "POST":
        return visitor.render("chat_now", {"form": NowForm(initial=visitor.answers), "back": visitor.url("start")})
    form = NowForm(visitor.request.POST)
    if (problem := in_the_way(visitor, "answers", ANSWERS)) or not form.is_valid():
        status, said = problem or (422, "")
        return visitor.render("chat_now", {"form": form, "problem": said, "back": visitor.url("start")}, status=status)
    if form.cleaned_data["now"] == "no":
        return visitor.render("chat_not_safe", {"back": visitor.url("chat")})
    return _keep(visitor, form.cleaned_data, "chat_reach")


@require_http_methods(["GET", "HEAD", "POST"])
@public_page
def reach(visitor: Visitor) -> HttpResponse:
    """If we lose each other: is it safe to contact them, and how? Whoever says nothing is not contacted."""
    if visitor.answers.get("now") != "yes":
        return redirect(visitor.url("chat"))
    form = SafeForm(visitor.request.POST if visitor.request.method == "POST" else None, initial=visitor.answers)
    if visitor.request.method != "POST":
        return visitor.render("chat_reach", {"form": form, "back": visitor.url("chat")})
    if (problem := in_the_way(visitor, "answers", ANSWERS)) or not form.is_valid():
        status, said = problem or (422, "")
        return visitor.render("chat_reach", {"form": form, "problem": said, "back": visitor.url("chat")}, status=status)
    return _keep(visitor, form.cleaned_data, "chat_words")


@require_http_methods(["GET", "HEAD", "POST"])
@public_page
def words(visitor: Visitor) -> HttpResponse:
    """The first words; with them it begins."""
    if visitor.request.method != "POST":
        if visitor.answers.get("now") != "yes":
            return redirect(visitor.url("chat"))
        return _ask_words(visitor, BeginForm(initial=visitor.answers))
    form = BeginForm(visitor.request.POST)
    if problem := in_the_way(visitor, "sending", SENDING):
        return _ask_words(visitor, form, *problem)
    if not form.is_valid():
        return _ask_words(visitor, form, 422)
    secret = visitor.secret
    if not visitor.kept.code:  # a second press of the button finds the first one's conversation
        if visitor.answers.get("now") != "yes":
            return redirect(visitor.url("chat"))
        secret = actions.keep(secret=secret, answers={**visitor.answers, "text": form.cleaned_data["text"]}, at=visitor.at)
    try:
        found = actions.begin(secret=secret or "", at=visitor.at)
    except Refused as refused:
        return _ask_words(visitor, form, 409, " ".join(refused.problems))
    response = remember(HttpResponseRedirect(visitor.url("chat_talk")), found, TALK)
    return remember(response, secret or "", COOKIE)


def _ask_words(visitor: Visitor, form: BeginForm, status: int = 200, problem: str = "") -> HttpResponse:
    return visitor.render("chat_words", {"form": form, "problem": problem, "back": visitor.url("chat_reach")}, status=status)


def _keep(visitor: Visitor, said: dict[str, Any], following: str) -> HttpResponse:
    secret = actions.keep(secret=visitor.secret, answers={**visitor.answers, **said}, at=visitor.at)
    return remember(HttpResponseRedirect(visitor.url(following)), secret)


def _is_open(visitor: Visitor) -> bool:
    return chat_rules.is_open(visitor.at.astimezone(force.timezone()), force.policy_at(visitor.at).policy)


# --- to and fro -----------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@public_page
def talk(visitor: Visitor) -> HttpResponse:
    """The conversation. POST `text` and `key`: one message, once however often it is sent."""
    row = queries.talk(visitor.talk_secret, at=visitor.at)
    if row is None:
        return _is_gone(visitor)
    if visitor.request.method != "POST":
        chats.seen(row.contact.chat, at=visitor.at)
        typed = queries.unsent(visitor.talk_secret, row)
        return _show(visitor, row, MessageForm(initial={"text": typed}))
    form = MessageForm(visitor.request.POST)
    if problem := in_the_way(visitor, "messages", FROM_ONE_PLACE) or _too_fast(row, "messages", MESSAGES):
        return _not_sent(visitor, row, form, *problem)
    if not form.is_valid():
        return _not_sent(visitor, row, form, 422, " ".join(str(one) for one in form.errors.get("text", ())))
    try:
        actions.write(talk=row, key=visitor.request.POST.get("key", "")[:64], text=form.cleaned_data["text"], at=visitor.at)
    except Invalid as invalid:
        return _not_sent(visitor, row, form, 422, " ".join(invalid.problems))
    except Refused as refused:
        return _not_sent(visitor, row, form, 409, " ".join(refused.problems))
    _hint(row, is_on=False)
    if _wants_json(visitor.request):
        return _tell(visitor, queries.talk(visitor.talk_secret, at=visitor.at) or row)
    return redirect(visitor.url("chat_talk") + "#message")


@xframe_options_sameorigin
@csp_replace({"frame-ancestors": ["'self'"]})
@require_GET
@public_page
def lines(visitor: Visitor) -> HttpResponse:
    """What was said, for the frame of the page without scripts; it loads itself anew, and the page around it stays."""
    row = queries.talk(visitor.talk_secret, at=visitor.at)
    if row is None:
        return visitor.render("chat_lines_gone")
    is_slow = _too_fast(row, "news", NEWS)
    if not is_slow:
        chats.seen(row.contact.chat, at=visitor.at)
    response = visitor.render("chat_frame", _standing(row) | {"lines": _said(row)})
    if row.contact.state not in ("ended", "wrapped"):
        response["Refresh"] = str(30 if is_slow else FRAME_S)
    return response


@require_GET
@public_page
def news(visitor: Visitor) -> HttpResponse:
    """`have`: how many messages this page shows. One look at one index; what was said is read only when there is more."""
    row = queries.talk(visitor.talk_secret, at=visitor.at)
    if row is None:
        return JsonResponse({"state": "gone", "says": GONE}, status=404)
    if _too_fast(row, "news", NEWS):
        return JsonResponse({"state": "slow"}, status=429, headers={"Retry-After": "20"})
    chats.seen(row.contact.chat, at=visitor.at)
    return _tell(visitor, row)


@require_POST
@public_page
def typed(visitor: Visitor) -> HttpResponse:
    """POST `text`: what stands in the field, sealed for this browser alone; the control room sees that somebody writes, never what."""
    row = queries.talk(visitor.talk_secret, at=visitor.at)
    if row is None:
        return JsonResponse({"state": "gone", "says": GONE}, status=404)
    text = visitor.request.POST.get("text", "")
    if is_forged(visitor.request) or _too_fast(row, "typed", TYPED) or len(text) > 20_000:
        return JsonResponse({"kept": False}, status=429)
    actions.keep_typed(talk=row, secret=visitor.talk_secret or "", text=text)
    if rates.allow("chat hint", f"{visitor.force.code} {row.pk} {bool(text.strip())}", limit=1, seconds=WRITING_AGAIN_S):
        _hint(row, is_on=bool(text.strip()))
    return JsonResponse({"kept": True})


@require_POST
@public_page
def end(visitor: Visitor) -> HttpResponse:
    """They end it. What was said stays readable in this browser for an hour."""
    row = queries.talk(visitor.talk_secret, at=visitor.at)
    if row is None:
        return _is_gone(visitor)
    if problem := in_the_way(visitor, "answers", ANSWERS):
        return _not_sent(visitor, row, MessageForm(), *problem)
    actions.hang_up(talk=row, at=visitor.at)
    return redirect(visitor.url("chat_talk"))


# --- parts ----------------------------------------------------------------------------------------------------------


def _show(visitor: Visitor, row: Talk, form: MessageForm, status: int = 200, problem: str = "") -> HttpResponse:
    policy = force.policy_at(visitor.at).policy
    said = _said(row)
    danger = any(rules.urgent_cues({"text": line["text"]}, policy) for line in said if line["is_mine"])
    context = {
        **_standing(row),
        "form": form,
        "problem": problem,
        "lines": said,
        "code": rules.shown_code(row.contact.receipt.code),
        "key": visitor.request.POST.get("key") or uuid.uuid4().hex,  # what was not taken is sent again under its own key
        "poll_s": policy.chat.poll_s,
        "frame_s": FRAME_S,
        "sounds_urgent": danger,
        "can_write": chat_rules.may_write(row.contact.state),
        "to": {name: visitor.url(f"chat_{name}") for name in ("talk", "lines", "news", "typed", "end")},
    }
    return visitor.render("chat_talk", context, status=status)


def _not_sent(visitor: Visitor, row: Talk, form: MessageForm, status: int, problem: str) -> HttpResponse:
    """The words stay in the field, with what is wrong."""
    if _wants_json(visitor.request):
        return JsonResponse({"problem": problem}, status=status)
    return _show(visitor, row, form, status, problem)


def _is_gone(visitor: Visitor) -> HttpResponse:
    if _wants_json(visitor.request):
        return JsonResponse({"state": "gone", "problem": GONE}, status=404)
    return visitor.render("chat_gone", status=404)


def _tell(visitor: Visitor, row: Talk) -> HttpResponse:
    """How it stands, and the messages that this page does not have."""
    asked = visitor.request.GET.get("have") or visitor.request.POST.get("have") or "0"
    have = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 7 else 0
    fresh = _said(row, after=have) if row.contact.chat.said > have else []
    html = "".join(render_to_string("portal/_chat_line.html", {"line": line}) for line in fresh)
    return JsonResponse({**_standing(row), "have": have + len(fresh), "html": html})


def _standing(row: Talk) -> dict[str, Any]:
    state = row.contact.state
    says = {
        "waiting": "You are waiting. Somebody answers as soon as they can. Keep this page open.",
        "answered": "Somebody in the control room is with you.",
        "abandoned": "We lost sight of this page for a while. Still there? Write anything: you keep your old place.",
    }.get(state, "This conversation has ended.")
    is_writing = state == "answered" and chat_rules.is_writing(row.contact.chat.writing_at, clock.now())
    return {"state": "ended" if state == "wrapped" else state, "says": says, "is_writing": is_writing}


def _said(row: Talk, after: int = 0) -> list[dict[str, Any]]:
    found = chat_queries.spoken(row.contact_id, after=after)
    return [
        {"text": one.text, "at": one.at, "who": chat_rules.seen_as(one.origin), "is_mine": one.origin == "caller"}
        for one in found
    ]


def _too_fast(row: Talk, what: str, rate: dict[str, int]) -> tuple[int, str] | None:
    """Counted by the conversation, not by the address, behind which a whole refuge may be."""
    return None if rates.allow(f"chat {what}", f"{row.force} {row.pk}", **rate) else (429, TOO_MANY)


def _hint(row: Talk, *, is_on: bool) -> None:
    writing.say([f"contact-{row.contact_id}"], by="caller", is_on=is_on)


def _wants_json(request: HttpRequest) -> bool:
    return "json" in request.headers.get("Accept", "")
