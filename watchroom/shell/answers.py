"""What does an act on a desk page answer? A part of the page for htmx, a sentence for the command bar, and which events it sets off.

Events name what changed (`wr:place`, `wr:risk` …); other panels of the page that depend on it fetch themselves again.
"""

import hashlib
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.http import url_has_allowed_host_and_scheme

from watchroom.foundation import commands


def once(request: HttpRequest, name: str, do: Callable[[], Any], *, also: str = "") -> Any:
    """Carry out `do`, unless this page's command (its hidden `key`) was carried out before: an answer that got lost is asked again.

    `also` is what else was sent, beside the form's words: the digest of a file. Returns what `do` answered, now or the first
    time, if that is a number, a text or a list of them. Without a key it is simply done.
    """
    key = _key(request, also)
    if not key:
        return do()

    def act() -> Any:
        answer = do()
        return answer if isinstance(answer, (int, str, list)) else True  # a row is not kept

    return commands.once(key, name, act)[0]


def _key(request: HttpRequest, also: str) -> str:
    """The page's key, bound to who sends it and to everything that is sent.

    After a lost answer somebody may go on typing and send the same form again: other words are another command, or they
    would be answered with “Written.” and be gone. And nobody can use up a key of somebody else, or of a call to come.
    """
    if not request.POST.get("key"):
        return ""
    sent = sorted((name, value) for name, values in request.POST.lists() if name != "csrfmiddlewaretoken" for value in values)
    sent += [("", also)] if also else []
    return f"page:{request.user.pk}:{hashlib.sha256(repr((request.path, sent)).encode()).hexdigest()}"


def done(request: HttpRequest, part: Callable[[], HttpResponse], *events: str, said: str = "Done.") -> HttpResponse:
    """`part` renders what replaces the sender's panel; it is called only when the page wants it."""
    if not request.headers.get("HX-Request"):
        return told(request, said)
    response = part()
    if events:
        response["HX-Trigger"] = ", ".join(events)
    return response


def nothing() -> HttpResponse:
    """For `done`, where no part is replaced: the panels fetch themselves again by the event, or the live stream brings the change."""
    response = HttpResponse()
    response["HX-Reswap"] = "none"
    return response


def go(request: HttpRequest, url: str, *, said: str = "Done.") -> HttpResponse:
    """The act is over and the person goes on to another page."""
    if request.headers.get("HX-Request"):
        response = HttpResponse(status=204)
        response["HX-Redirect"] = url
        return response
    if "json" in request.headers.get("Accept", ""):
        return JsonResponse({"said": said, "go": url})
    response = HttpResponse(status=303)
    response["Location"] = url
    return response


def told(request: HttpRequest, said: str) -> HttpResponse:
    """A sentence for the command bar; a form that the browser sent by itself (the script was not ready) goes back to its page."""
    if "json" in request.headers.get("Accept", ""):
        return JsonResponse({"said": said})
    sender = request.headers.get("Referer", "")
    is_ours = url_has_allowed_host_and_scheme(sender, allowed_hosts={request.get_host()})
    return HttpResponse(status=303, headers={"Location": sender if is_ours else "/"})
