from django.urls import path

from watchroom.contacts import call_views, speaking_views, views
from watchroom.contacts.answerphone import views as answerphone

app_name = "contacts"
urlpatterns = [
    path("<int:contact>/answer/", views.answer, name="answer"),
    path("<int:contact>/101/", views.ask_101, name="ask_101"),
    path("<int:contact>/safe/", views.safe, name="safe"),
    path("<int:contact>/end/", views.end, name="end"),
    path("<int:contact>/heard/", views.heard, name="heard"),
    path("boxes/", answerphone.boxes, name="boxes"),
    path("<int:contact>/message/", answerphone.recording, name="message"),
    path("<int:contact>/listened/", answerphone.listened, name="listened"),
    path("<int:contact>/hold/", call_views.hold, name="hold"),
    path("<int:contact>/pass/", call_views.pass_on, name="pass_on"),
    path("<int:contact>/speaking/", speaking_views.keep, name="speaking"),
    path("<int:contact>/interpreter/", speaking_views.interpreter, name="interpreter"),
    path("<int:contact>/join/", call_views.join, name="join"),
]
