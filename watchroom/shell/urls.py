from django.urls import path, register_converter

from watchroom.shell import views


class DraftKey:
    """`contact:12:line`: what it is about, then which field of it."""

    regex = r"[A-Za-z0-9][A-Za-z0-9:._-]{0,99}"

    def to_python(self, value: str) -> str:
        return value

    to_url = to_python


register_converter(DraftKey, "draftkey")

app_name = "shell"
urlpatterns = [
    path("drafts/", views.drafts, name="drafts"),
    path("drafts/<draftkey:key>", views.draft, name="draft"),
    path("gallery/", views.gallery, name="gallery"),
    path("gallery/public/", views.gallery_public, name="gallery_public"),
]
