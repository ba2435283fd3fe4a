"""What does the shell itself serve? Drafts, the gallery of parts, and what is said when something goes wrong."""

from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.http import require_GET, require_http_methods

from watchroom.foundation import clock, writing
from watchroom.foundation.permissions import needs, public
from watchroom.shell import actions, queries
from watchroom.shell import gallery as parts

MOST_KEYS = 100


@needs("shell.draft")
@require_http_methods(["GET", "PUT", "DELETE"])
def draft(request: HttpRequest, key: str) -> HttpResponse:
    """One's own words under `key`: GET gives `{"text", "at"}` or 404, PUT keeps the body, DELETE forgets.

    Others who show the same record see that somebody is writing (`foundation.writing`), never what.
    DELETE with a body forgets only while the body is what is kept: a newer text of another window stays.

    Who is logged out gets 401 as JSON from the permission itself (the script asks for JSON), and keeps the copy
    on the machine. Needs `shell.draft`.
    """
    member: int = request.user.pk  # type: ignore[assignment]  # `needs` let nobody else in
    if request.method in ("PUT", "DELETE"):
        try:
            text = request.body.decode("utf-8")
            if request.method == "DELETE":
                actions.forget_draft(member=member, key=key, sent=text or None)
                writing.notice(key=key, member=request.user, is_on=False, at=clock.now())
                return HttpResponse(status=204)
            kept = actions.keep_draft(member=member, key=key, text=text, at=clock.now())
            writing.notice(key=key, member=request.user, is_on=True, at=kept.at)
        except actions.TooLong as error:
            return _problem(str(error), 413)
        except RequestDataTooBig:
            return _problem(f"A draft may hold {actions.LONGEST} characters.", 413)
        except actions.TooMany as error:
            return _problem(str(error), 409)
        except ValueError:  # no UTF-8, or a zero byte, which PostgreSQL keeps in no text
            return _problem("A draft is text in UTF-8.", 400)
        return JsonResponse({"at": kept.at.isoformat()})
    found = queries.draft(member=member, key=key)
    if found is None:
        return _problem("Nothing is kept under this key.", 404)
    return JsonResponse({"text": found.text, "at": found.at.isoformat()})


@needs("shell.draft")
@require_GET
def drafts(request: HttpRequest) -> HttpResponse:
    """One's own words under each `?key=`, as `{key: {"text", "at"}}`; a key without words is left out. Needs `shell.draft`.

    A page has a dozen empty fields, and asks for all of them at once.
    """
    keys = request.GET.getlist("key")
    if len(keys) > MOST_KEYS or any("\0" in key for key in keys):
        return _problem(f"Ask for at most {MOST_KEYS} keys at once, each as it was kept.", 400)
    kept = queries.kept(member=request.user.pk, keys=keys)  # type: ignore[arg-type]  # `needs` let nobody else in
    return JsonResponse({key: {"text": one.text, "at": one.at.isoformat()} for key, one in kept.items()})


@needs("shell.gallery")
@require_GET
def gallery(request: HttpRequest) -> HttpResponse:
    """Every part with its markup, in the theme one looks at. Needs `shell.gallery`."""
    return render(request, "shell/gallery.html", parts.sheet(at=clock.now()))


@needs("shell.gallery")
@require_GET
def gallery_public(request: HttpRequest) -> HttpResponse:
    """The parts of the public pages, which have their own base page. Needs `shell.gallery`."""
    return render(request, "shell/gallery_public.html", parts.public_sheet())


# ── When something goes wrong: what happened, and what to do. Django calls these; they need no permission. ──


@public
def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _fault(request, 400)


@public
def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _fault(request, 403, said=str(exception or ""))


@public
def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    said = str(exception) if isinstance(exception, Http404) and exception.args and not _is_resolver(exception) else ""
    return _fault(request, 404, said=said)


@public
def server_error(request: HttpRequest) -> HttpResponse:
    """Rendered without the request: its transaction may be broken, and this page must not be."""
    if _wants_json(request):
        return _problem("Watchroom made a mistake. What you typed is kept on this machine. Send it again.", 500)
    if _is_public(request):
        return HttpResponse(render_to_string("shell/public_fault.html", PUBLIC_FAULTS[500]), status=500)
    return HttpResponse(render_to_string("shell/500.html"), status=500)


@public
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The page is older than the session. Nothing was changed, nothing typed is lost."""
    if _wants_json(request):
        return _problem("This page is older than your session. Load it again; what you typed is kept.", 403)
    return render(request, "shell/csrf.html", status=403)


#: To somebody of the public, who has no role and no desk, and may be in danger.
PUBLIC_FAULTS = {
    400: {"heading": "We could not read what was sent", "what": "Nothing was taken.", "todo": "Go back and try once more."},
    403: {"heading": "This page is not open", "what": "Nothing was changed.", "todo": "Begin again from the first page."},
    404: {
        "heading": "There is nothing at this address",
        "what": "The address may be mistyped.",
        "todo": "Begin again from the first page.",
    },
    500: {
        "heading": "Sorry, something went wrong here",
        "what": "It was our mistake. What you wrote before is kept for an hour.",
        "todo": "Go back and try once more. If it happens again, ring 101.",
    },
}
FAULTS = {400: "What was sent cannot be read.", 403: "Your role does not allow this.", 404: "There is nothing at this address."}


def _fault(request: HttpRequest, status: int, said: str = "") -> HttpResponse:
    if _wants_json(request):
        return _problem(said or FAULTS[status], status)
    if _is_public(request):
        return render(request, "shell/public_fault.html", {**PUBLIC_FAULTS[status], "said": said}, status=status)
    return render(request, f"shell/{status}.html", {"said": said}, status=status)


def _is_public(request: HttpRequest) -> bool:
    return request.path.startswith(settings.WATCHROOM_PUBLIC_PATHS)


def _wants_json(request: HttpRequest) -> bool:
    return request.path.startswith("/api/") or "HX-Request" in request.headers or "json" in request.headers.get("Accept", "")


def _problem(sentence: str, status: int) -> JsonResponse:
    return JsonResponse({"problem": sentence}, status=status)


def _is_resolver(exception: Any) -> bool:
    """The resolver's own 404 carries the list of all patterns, which is nobody's business."""
    return bool(exception.args) and isinstance(exception.args[0], dict)
