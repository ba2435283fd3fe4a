from django.urls import path

from watchroom.resolution import sampling, views
from watchroom.resolution.quality import views as quality

app_name = "resolution"
urlpatterns = [
    path("waiting/", views.waiting, name="waiting"),
    path("promises/", views.promises, name="promises"),
    path("promises/<int:promise>/tried/", views.tried, name="tried"),
    path("promises/<int:promise>/move/", views.move, name="move"),
    path("follow-ups/<int:follow_up>/answer/", views.followed_up, name="followed_up"),
    path("sample.csv", sampling.download, name="sample"),
    path("quality/", quality.page, name="quality"),
    path("quality/draw/", quality.draw, name="draw"),
    path("quality/mine/", quality.mine, name="mine"),
    path("quality/<int:check>/", quality.case, name="case"),
    path("quality/<int:check>/right/", quality.put_right, name="put_right"),
    path("quality/<int:check>/read/", quality.read, name="read_check"),
    path("<int:incident>/outcome/", views.outcome, name="outcome"),
    path("<int:incident>/resolve/", views.resolve, name="resolve"),
    path("<int:incident>/regrade/", views.regrade, name="regrade"),
    path("<int:incident>/keep/", views.keep, name="keep"),
    path("<int:incident>/appointment/", views.appointment, name="appointment"),
    path("<int:incident>/enquiries/", views.enquire, name="enquire"),
    path("<int:incident>/diary/", views.write, name="write"),
    path("<int:incident>/review/", views.review, name="review"),
    path("<int:incident>/finish/", views.finish, name="finish"),
]
