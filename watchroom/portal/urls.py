"""The public's addresses. None of them says what a report is about: what stands in a browser's history may be read."""

from django.urls import include, path

from watchroom.portal import views

app_name = "portal"

pages = [
    path("", views.start, name="start"),
    path("step/<int:number>/", views.step, name="step"),
    path("place/", views.place, name="place"),
    path("now/", views.now, name="now"),
    path("sent/", views.sent, name="sent"),
    path("look/", views.look, name="look"),
    path("exit/", views.leave, name="exit"),
    path("accessibility/", views.accessibility, name="accessibility"),
    path("privacy/", views.privacy, name="privacy"),
    path("cookies/", views.cookies, name="cookies"),
]

urlpatterns = [
    path("report/", include(pages)),
    path("report/<slug:force>/", include(pages)),
    path("public/", views.start, name="start"),
]
