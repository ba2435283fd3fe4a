from django.urls import path

from watchroom.assessment.views import asking, library, risk

app_name = "assessment"
urlpatterns = [
    path("questions/", library.library, name="library"),
    path("questions/<slug:code>/", library.preview, name="preview"),
    path("<int:contact>/risk/", risk.risk, name="risk"),
    path("<int:contact>/cues/", risk.cues, name="cues"),
    path("<int:contact>/answer/", risk.answer, name="answer"),
    path("<int:contact>/save/", risk.save, name="save"),
    path("<int:contact>/nothing/", risk.nothing, name="nothing"),
    path("<int:contact>/cue/", risk.cue, name="cue"),
    path("<int:contact>/ask/", asking.ask, name="ask"),
]
