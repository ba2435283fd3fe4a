"""Every address of the house; `tests/test_access_matrix.py` fails for one that it does not know how to try."""

from django.urls import include, path


handler400 = "watchroom.shell.views.bad_request"
handler403 = "watchroom.shell.views.forbidden"
handler404 = "watchroom.shell.views.not_found"
handler500 = "watchroom.shell.views.server_error"

urlpatterns = [
    path("", include("watchroom.staff.urls")),
    path("", include("watchroom.shell.urls")),
]
