"""How does a request of a machine come in? With a token, in one transaction of one force, and every answer is JSON.

The house's own middleware enters a force by the session of somebody who is logged in. A machine has none: the force
is in its token, so it is entered here, before the token is looked up.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError

from watchroom.api import tokens
from watchroom.api.models import Token
from watchroom.foundation import clock, rates, scope, vault
from watchroom.foundation.permissions import by_token, public

LARGEST = 256 * 1024  # bytes of a body; the longest text is 20,000 characters
RATE = {"limit": 6000, "seconds": 60}  # of one token: a hundred a second, which no force's calls come near
View = Callable[..., HttpResponse]

PROBLEMS = {
    400: "What was sent cannot be read.",
    401: "Send a token that holds: Authorization: Bearer <force>.<secret>",
    403: "This token does not allow it.",
    404: "There is nothing at this address.",
    405: "This address does not know that method.",
    413: f"The body is larger than {LARGEST // 1024} kB. Nothing was taken.",
    415: "Send the body as application/json.",
    429: "This token is used too often. Wait a minute, then send the same again with the same key.",
}


class Caller(HttpRequest):
    """A request with its token and its one time."""

    token: Token
    secret: str
    at: Any


def problem(status: int, says: str = "", fields: dict[str, str] | None = None) -> JsonResponse:
    """Every answer that is not what was asked for: a sentence, and the fields it is about."""
    response = JsonResponse({"problem": says or PROBLEMS[status], "fields": fields or {}}, status=status)
    if status == 401:
        response["WWW-Authenticate"] = "Bearer"
    return response


def guard(view: View) -> View:
    """Let in who has a token. What was refused has changed nothing: everything that is not a success is rolled back."""

    @by_token
    @wraps(view)
    def guarded(request: Caller, *args: Any, **kwargs: Any) -> HttpResponse:
        with _scope(request) as refused, transaction.atomic():
            refused = refused or _recognise(request) or unreadable(request)
            return refused or _carry_out(view, request, *args, **kwargs)

    return guarded


def guard_file(view: View, most: Callable[[], int]) -> View:
    """The same for an operation that brings a file of up to `most()` bytes as multipart/form-data.

    It is read after the token was recognised and before the transaction: a slow line holds no row of anybody's.
    """

    @by_token
    @wraps(view)
    def guarded(request: Caller, *args: Any, **kwargs: Any) -> HttpResponse:
        with _scope(request) as refused:
            with transaction.atomic():
                if refused := refused or _recognise(request):
                    return refused
                if request.method != "POST":
                    return _carry_out(view, request, *args, **kwargs)
                largest = most()
            handler = vault.Handler(request, largest)
            request.upload_handlers = [handler]
            is_kept = False
            try:
                if refused := _unreadable_form(request, largest):
                    return refused
                with transaction.atomic():
                    response = _carry_out(view, request, *args, **kwargs)
                is_kept = response.status_code < 400
                return response
            finally:
                if not is_kept:
                    handler.undo()
                handler.discard()

    return guarded


@contextmanager
def _scope(request: Caller) -> Iterator[HttpResponse | None]:
    """The force that the token names, which is not yet believed; or why there is none."""
    scheme, _, text = request.headers.get("Authorization", "").partition(" ")
    parts = tokens.split(text.strip()) if scheme.lower() == "bearer" else None
    if parts is None:
        yield problem(401)
        return
    force, request.secret = parts
    request.at = clock.now()
    with scope.use(force):
        yield None


def _recognise(request: Caller) -> HttpResponse | None:
    token = tokens.find(request.secret, at=request.at)
    if token is None:
        return problem(401)
    if not rates.allow("api", f"{scope.require()} {token.pk}", **RATE):
        return problem(429)
    request.token = token
    return None


def _carry_out(view: View, request: Caller, *args: Any, **kwargs: Any) -> HttpResponse:
    response = _as_json(view(request, *args, **kwargs))
    if response.status_code >= 400:
        transaction.set_rollback(True)
    return response


def open_to_all(view: View) -> View:
    """Without a token: only what says nothing of any force."""

    @public
    @wraps(view)
    def opened(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return _as_json(view(request, *args, **kwargs))

    return opened


def unreadable(request: HttpRequest) -> HttpResponse | None:
    """The refusal of a body that is too large or cannot be read; None when it is neither."""
    try:
        if int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST or len(request.body) > LARGEST:
            return problem(413)
    except RequestDataTooBig:
        return problem(413)
    except ValueError:
        return problem(400)
    return None


def _unreadable_form(request: HttpRequest, largest: int) -> HttpResponse | None:
    """What is no form, or far larger than a file and its words may be; more of a file than the limit is never kept."""
    if request.content_type != "multipart/form-data":
        return problem(415, "Send the recording as multipart/form-data.")
    too_large = f"More was sent than a recording of {largest // 1_000_000} MB. Nothing was taken."
    try:
        if int(request.META.get("CONTENT_LENGTH") or 0) > largest + LARGEST:
            return problem(413, too_large)
        words = sum(len(value) for values in request.POST.lists() for value in values[1])
        if words > LARGEST:
            return problem(413, too_large)
    except RequestDataTooBig:
        return problem(413, too_large)
    except (ValueError, MultiPartParserError, SuspiciousOperation, UnreadablePostError):
        return problem(400)
    return None


def takes(*names: str) -> Callable[[View], View]:
    """Which query parameters an operation knows. A mistyped `state` must not quietly mean all of them."""

    def declare(view: View) -> View:
        @wraps(view)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            unknown = {name[:40]: "There is no such parameter." for name in request.GET if name not in names}
            return problem(422, "This address has no such parameter.", unknown) if unknown else view(request, *args, **kwargs)

        return checked

    return declare


def only_json(view: View) -> View:
    """For an operation with a body: what does not say that it is JSON is not guessed at."""

    @wraps(view)
    def read(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return view(request, *args, **kwargs) if request.content_type == "application/json" else problem(415)

    return read


def _as_json(response: HttpResponse) -> HttpResponse:
    if response.status_code < 400 or response.get("Content-Type", "").startswith("application/json"):
        return response
    told = problem(response.status_code)
    if response.has_header("Allow"):
        told["Allow"] = response["Allow"]
    return told
