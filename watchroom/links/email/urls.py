from django.urls import path

from watchroom.links.email import views

app_name = "links_email"
urlpatterns = [
    path("<int:contact>/", views.panel, name="panel"),
    path("<int:contact>/reply/", views.reply, name="reply"),
    path("<int:contact>/sent/<int:reply>/", views.settle, name="settle"),
]
