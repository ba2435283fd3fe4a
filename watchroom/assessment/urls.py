from django.urls import path

from watchroom.assessment import views

app_name = "assessment"
urlpatterns = [
    path("<int:contact>/risk/", views.risk, name="risk"),
    path("<int:contact>/cues/", views.cues, name="cues"),
    path("<int:contact>/answer/", views.answer, name="answer"),
    path("<int:contact>/save/", views.save, name="save"),
    path("<int:contact>/nothing/", views.nothing, name="nothing"),
    path("<int:contact>/cue/", views.cue, name="cue"),
]
