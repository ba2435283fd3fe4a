from django.urls import path

from watchroom.dispatch import views

app_name = "dispatch"
urlpatterns = [
    path("board/", views.board, name="board"),
    path("headline/", views.headline, name="headline"),
    path("units/", views.units, name="units"),
    path("map/", views.ground, name="ground"),
    path("<int:incident>/offers/", views.offers, name="offers"),
    path("<int:incident>/send/", views.send, name="send"),
    path("<int:incident>/<int:unit>/arrive/", views.arrive, name="arrive"),
    path("<int:incident>/<int:unit>/clear/", views.clear, name="clear"),
    path("<int:incident>/<int:unit>/call-off/", views.call_off, name="call_off"),
    path("units/<int:unit>/status/", views.status, name="status"),
    path("take-back/", views.take_back, name="take_back"),
    path("say/unit/", views.say_unit, name="say_unit"),
    path("say/status/", views.say_status, name="say_status"),
    path("say/clear/", views.say_clear, name="say_clear"),
]
