from django.urls import path

from watchroom.demand import views

app_name = "demand"
urlpatterns = [
    path("", views.page, name="page"),
    path("drift/", views.drift, name="drift"),
    path("snapshot.csv", views.snapshot, name="snapshot"),
    path("figures.csv", views.download, name="download"),
]
