from django.urls import path

from watchroom.demand import views

app_name = "demand"
urlpatterns = [
    path("", views.page, name="page"),
    path("drift/", views.drift, name="drift"),
    path("drift/<int:alarm>/answer/", views.answer, name="answer"),
    path("trials/", views.trials, name="trials"),
    path("trials/<int:trial>/", views.trial, name="trial"),
    path("trials/<int:trial>/changes.csv", views.trial_csv, name="trial_csv"),
    path("forces/", views.forces, name="forces"),
    path("forces/take/", views.take, name="take"),
    path("forces/leave-out/", views.leave_out, name="leave_out"),
    path("figures.json", views.hand_out, name="hand_out"),
    path("snapshot.csv", views.snapshot, name="snapshot"),
    path("figures.csv", views.download, name="download"),
]
