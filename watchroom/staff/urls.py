from django.urls import path

from watchroom.staff import views

app_name = "staff"
urlpatterns = [
    path("", views.home, name="home"),
    path("login/", views.log_in, name="login"),
    path("state/", views.state, name="state"),
    path("logout/", views.log_out, name="logout"),
]
