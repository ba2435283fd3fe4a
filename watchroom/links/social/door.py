"""The gateway's door: `POST /social/in/<force>/`, signed. What is not rightly signed is not even read, and nothing is stored."""

import structlog
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from watchroom.api import door
from watchroom.force import queries as policies
from watchroom.foundation import clock, rates, scope
from watchroom.foundation.permissions import by_token
from watchroom.links.social import actions, connections, protocol, rules

log = structlog.get_logger()
RATE = {"limit": 3000, "seconds": 60}  # of one force: fifty a second
NOT_HERE = "This force takes no social messages here: its secret is not set."


@csrf_exempt
@by_token
def inbound(request: HttpRequest, force: str) -> HttpResponse:
    """201 the first time, 200 with `"repeated": true` after that; when it answers, the message is kept for good."""
    if request.method != "POST":
        refused = door.problem(405)
        refused["Allow"] = "POST"
        return refused
    if force not in scope.forces():
        return door.problem(404, NOT_HERE)
    with scope.use(force), transaction.atomic():
        return _take(request, force)


def _take(request: HttpRequest, force: str) -> HttpResponse:
    at = clock.now()
    secrets = connections.secrets()
    if not secrets:
        return door.problem(404, NOT_HERE)
    if refused := door.unreadable(request):
        return refused
    given = request.headers.get("Watchroom-Signature", "")
    verdict = rules.check(given, request.body, secrets, now=at, window=policies.policy_at(at).policy.social.window)
    if verdict:
        log.warning("social_refused", force=force, why=verdict)
        return door.problem(401, rules.SAYS[verdict])
    if not rates.allow("social", force, **RATE):
        return door.problem(429, "More came than fifty messages a second. Wait a minute, then send the same again.")
    try:
        message = protocol.read(request.body)
    except protocol.Unreadable as error:
        return door.problem(422, "Some of this is not as the protocol says: " + ", ".join(error.fields) + ".", error.fields)
    contact, repeated = actions.receive(message=message, at=at)
    return JsonResponse({"reference": contact.reference, "repeated": repeated}, status=200 if repeated else 201)
