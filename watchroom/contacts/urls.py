from django.urls import path

from watchroom.contacts import views

app_name = "contacts"
urlpatterns = [
    path("<int:contact>/answer/", views.answer, name="answer"),
    path("<int:contact>/101/", views.ask_101, name="ask_101"),
    path("<int:contact>/safe/", views.safe, name="safe"),
    path("<int:contact>/end/", views.end, name="end"),
]
