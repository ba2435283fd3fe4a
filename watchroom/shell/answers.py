"""What does an act on a desk page answer? A part of the page for htmx, a sentence for the command bar, and which events it sets off.

Events name what changed (`wr:place`, `wr:risk` …); other panels of the page that depend on it fetch themselves again.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.http import url_has_allowed_host_and_scheme

from watchroom.foundation import commands


def once(request: HttpRequest, name: str, do: Callable[[], object]) -> None:
    """Carry out `do`, unless this page's command (its hidden `key`) was carried out before: an answer that got lost is asked again."""
    key = request.POST.get("key", "")
    if not key:
        do()
        return

    def act() -> bool:
        do()
        return True

    commands.once(f"{request.user.pk}:{key}"[:128], name, act)


def done(request: HttpRequest, part: Callable[[], HttpResponse], *events: str, said: str = "Done.") -> HttpResponse:
    """`part` renders what replaces the sender's panel; it is called only when the page wants it."""
    if not request.headers.get("HX-Request"):
        return JsonResponse({"said": said})
    response = part()
    if events:
        response["HX-Trigger"] = ", ".join(events)
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
