"""django-ninja's addresses, each behind our door; and an answer in JSON for every address that is none."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import re_path

from watchroom.api import door
from watchroom.api.rest import api
from watchroom.force import queries as force
from watchroom.foundation import clock

app_name = "api"
WITH_A_FILE = ("leave_message",)
OPEN = ("openapi-json", "api-root")  # the description says nothing of any force


def most_bytes() -> int:
    return force.policy_at(clock.now()).policy.answerphone.most_bytes


@door.open_to_all
def unknown(request: HttpRequest) -> HttpResponse:
    return door.problem(404)


unknown.csrf_exempt = True  # type: ignore[attr-defined]
urlpatterns: list[Any] = [*api.urls[0], re_path(r"^.*$", unknown)]
for pattern in urlpatterns[:-1]:
    if pattern.name in OPEN:
        pattern.callback = door.open_to_all(pattern.callback)
    elif pattern.name in WITH_A_FILE:
        pattern.callback = door.guard_file(pattern.callback, most_bytes)
    else:
        pattern.callback = door.guard(pattern.callback)
