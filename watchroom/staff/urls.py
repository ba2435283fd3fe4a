from django.urls import path

from watchroom.staff import skills_views, states_views, views

app_name = "staff"
urlpatterns = [
    path("", views.home, name="home"),
    path("login/", views.log_in, name="login"),
    path("state/", views.state, name="state"),
    path("states/", states_views.mine, name="my_states"),
    path("states/<int:member>/", states_views.of, name="states_of"),
    path("skills/", skills_views.page, name="skills"),
    path("skills/<int:member>/", skills_views.keep, name="set_skills"),
    path("logout/", views.log_out, name="logout"),
]
