from django.urls import path

from watchroom.referrals import views

app_name = "referrals"
urlpatterns = [
    path("<int:alert>/take/", views.take, name="take"),
    path("<int:alert>/work/", views.work, name="work"),
    path("<int:alert>/settle/", views.settle, name="settle"),
]
