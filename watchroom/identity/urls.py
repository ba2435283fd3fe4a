from django.urls import path

from watchroom.identity import views

app_name = "identity"
urlpatterns = [
    path("<int:contact>/who/", views.who, name="who"),
    path("<int:contact>/name/", views.name, name="name"),
    path("<int:contact>/confirm/", views.confirm, name="confirm"),
    path("<int:contact>/undo/", views.undo, name="undo"),
]
