from django.urls import path

from watchroom.links.trunk import views

app_name = "trunk"
urlpatterns = [path("heard/<int:contact>/", views.heard, name="heard")]
