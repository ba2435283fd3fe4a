from django.urls import path

from watchroom.resolution import views

app_name = "resolution"
urlpatterns = [
    path("waiting/", views.waiting, name="waiting"),
    path("promises/", views.promises, name="promises"),
    path("<int:incident>/outcome/", views.outcome, name="outcome"),
    path("<int:incident>/resolve/", views.resolve, name="resolve"),
    path("<int:incident>/regrade/", views.regrade, name="regrade"),
    path("<int:incident>/keep/", views.keep, name="keep"),
]
