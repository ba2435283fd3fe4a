from django.urls import path

from watchroom.links.social import door, views

app_name = "links_social"
urlpatterns = [
    path("in/<str:force>/", door.inbound, name="inbound"),
    path("posts/", views.posts, name="posts"),
    path("posts/write/", views.write, name="write"),
    path("posts/<int:post>/approve/", views.approve, name="approve"),
    path("posts/<int:post>/decline/", views.decline, name="decline"),
    path("posts/<int:post>/withdraw/", views.withdraw, name="withdraw"),
    path("posts/<int:post>/down/", views.down, name="down"),
    path("posts/<int:post>/sent/", views.settle_post, name="settle_post"),
    path("<int:contact>/", views.panel, name="panel"),
    path("<int:contact>/reply/", views.reply, name="reply"),
    path("<int:contact>/sent/<int:reply>/", views.settle, name="settle"),
]
