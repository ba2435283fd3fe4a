"""django-ninja's addresses, each behind our door; and an answer in JSON for every address that is none."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import re_path

from watchroom.api import door
from watchroom.api.rest import api

app_name = "api"
OPEN = ("openapi-json", "api-root")  # the description says nothing of any force


@door.open_to_all
def unknown(request: HttpRequest) -> HttpResponse:
    return door.problem(404)


unknown.csrf_exempt = True  # type: ignore[attr-defined]
urlpatterns: list[Any] = [*api.urls[0], re_path(r"^.*$", unknown)]
for pattern in urlpatterns[:-1]:
    pattern.callback = door.open_to_all(pattern.callback) if pattern.name in OPEN else door.guard(pattern.callback)
