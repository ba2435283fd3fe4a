from django.urls import path

from watchroom.gazetteer import views

app_name = "gazetteer"
urlpatterns = [path("find/", views.find, name="find")]
