from django.urls import path

from watchroom.referrals import views
from watchroom.referrals.forces import views as forces

app_name = "referrals"
urlpatterns = [
    path("forces/", forces.under_way, name="forces"),
    path("to/<int:contact>/", forces.hand_over, name="hand_over"),
    path("to/<int:contact>/recall/", forces.recall, name="recall"),
    path("to/<int:contact>/keep/", forces.keep, name="keep"),
    path("from/<int:contact>/", forces.came, name="came"),
    path("from/<int:contact>/decline/", forces.decline, name="decline"),
    path("<int:alert>/take/", views.take, name="take"),
    path("<int:alert>/work/", views.work, name="work"),
    path("<int:alert>/settle/", views.settle, name="settle"),
]
