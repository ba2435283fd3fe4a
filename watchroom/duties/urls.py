from django.urls import path

from watchroom.duties import views

app_name = "duties"
urlpatterns = [
    path("<int:duty>/take/", views.take, name="take"),
    path("<int:duty>/give/", views.give, name="give"),
    path("<int:duty>/hand-over/", views.hand_over, name="hand_over"),
]
