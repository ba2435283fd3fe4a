"""The public's addresses. None of them says what a report is about: what stands in a browser's history may be read."""

from django.urls import include, path

from watchroom.portal import chat, views

app_name = "portal"

pages = [
    path("", views.start, name="start"),
    path("step/<int:number>/", views.step, name="step"),
    path("place/", views.place, name="place"),
    path("now/", views.now, name="now"),
    path("sent/", views.sent, name="sent"),
    path("chat/", chat.start, name="chat"),
    path("chat/reach/", chat.reach, name="chat_reach"),
    path("chat/words/", chat.words, name="chat_words"),
    path("chat/talk/", chat.talk, name="chat_talk"),
    path("chat/lines/", chat.lines, name="chat_lines"),
    path("chat/news/", chat.news, name="chat_news"),
    path("chat/typed/", chat.typed, name="chat_typed"),
    path("chat/end/", chat.end, name="chat_end"),
    path("look/", views.look, name="look"),
    path("exit/", views.leave, name="exit"),
    path("accessibility/", views.accessibility, name="accessibility"),
    path("privacy/", views.privacy, name="privacy"),
    path("cookies/", views.cookies, name="cookies"),
]

urlpatterns = [
    path("report/", include(pages)),
    path("report/<slug:force>/", include(pages)),
    path("public/chat/", chat.start),
    path("public/", views.start, name="start"),
]
