"""Every address of the house: each room's `urls.py` below the room's name, the faces at the top.

`tests/test_access_matrix.py` fails for an address that it does not know how to try.
"""

from importlib.util import find_spec

from django.urls import include, path

from watchroom.rooms import ROOMS

handler400 = "watchroom.shell.views.bad_request"
handler403 = "watchroom.shell.views.forbidden"
handler404 = "watchroom.shell.views.not_found"
handler500 = "watchroom.shell.views.server_error"

BELOW = {
    **dict.fromkeys(("staff", "shell", "desk", "portal"), ""),
    "api": "api/v1/",
    "links.trunk": "trunk/",
    "links.email": "email/",
    "links.social": "social/",
}

urlpatterns = [
    path(BELOW.get(room.name, f"{room.name}/"), include(f"watchroom.{room.name}.urls"))
    for room in ROOMS
    if find_spec(f"watchroom.{room.name}.urls")
]
