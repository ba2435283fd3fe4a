from django.urls import path

from watchroom.identity import searching_views as searching
from watchroom.identity import trust_views as trust
from watchroom.identity import twins_views as twins
from watchroom.identity import views
from watchroom.identity.flags import views as flags
from watchroom.identity.lost import views as lost
from watchroom.identity.misuse import views as misuse
from watchroom.identity.research import views as research

app_name = "identity"
urlpatterns = [
    path("<int:contact>/who/", views.who, name="who"),
    path("<int:contact>/name/", views.name, name="name"),
    path("<int:contact>/look/", views.look, name="look"),
    path("<int:contact>/confirm/", views.confirm, name="confirm"),
    path("<int:contact>/undo/", views.undo, name="undo"),
    path("<int:contact>/plan/", views.plan, name="plan"),
    path("<int:contact>/plan/ask/", views.ask_plan, name="ask_plan"),
    path("<int:contact>/research/", research.panel, name="research"),
    path("<int:contact>/research/ask/", research.ask, name="research_ask"),
    path("<int:contact>/research/none/", research.not_needed, name="research_none"),
    path("<int:contact>/research/take/", research.take_in, name="research_take"),
    path("<int:contact>/research/not/", research.not_them, name="research_not"),
    path("<int:contact>/research/back/", research.take_back, name="research_back"),
    path("search/", searching.search, name="search"),
    path("people/<int:person>/", searching.person, name="person"),
    path("people/<int:person>/like/", twins.look, name="like"),
    path("trust/", trust.trust, name="trust"),
    path("pairs/", twins.pairs, name="pairs"),
    path("pairs/<int:twins_id>/", twins.pair, name="pair"),
    path("pairs/<int:twins_id>/same/", twins.same, name="pair_same"),
    path("pairs/<int:twins_id>/apart/", twins.apart, name="pair_apart"),
    path("pairs/<int:twins_id>/back/", twins.back, name="pair_back"),
    path("links/<int:link>/split/", searching.split, name="split"),
    path("links/<int:link>/back/", searching.put_back, name="put_back"),
    path("plans/", views.all_plans, name="plans"),
    path("plans/<int:plan>/", views.one_plan, name="one_plan"),
    path("plans/<int:plan>/renew/", views.renew_plan, name="renew_plan"),
    path("plans/<int:plan>/end/", views.end_plan, name="end_plan"),
    path("<int:contact>/flags/", flags.of_contact, name="flags"),
    path("<int:contact>/flags/add/", flags.add, name="add_flag"),
    path("conflicts/", misuse.conflicts, name="conflicts"),
    path("conflicts/<int:conflict>/end/", misuse.end, name="end_conflict"),
    path("reason/", misuse.reason, name="reason"),
    path("looks/", misuse.looks, name="looks"),
    path("looks/<int:look>/", misuse.judge, name="judge_look"),
    path("lost/", lost.callbacks, name="lost"),
    path("lost/<int:contact>/ring/", lost.ring, name="ring"),
    path("lost/<int:contact>/rang/", lost.rang, name="rang"),
    path("lost/<int:contact>/let-go/", lost.let_go, name="let_go"),
    path("flags/", flags.to_decide, name="flags_to_decide"),
    path("flag/<int:marker>/", flags.one, name="flag"),
    path("flag/<int:marker>/challenge/", flags.challenge, name="challenge_flag"),
    path("flag/<int:marker>/keep/", flags.keep, name="keep_flag"),
    path("flag/<int:marker>/confirm/", flags.confirm, name="confirm_flag"),
    path("flag/<int:marker>/correct/", flags.correct, name="correct_flag"),
    path("flag/<int:marker>/remove/", flags.remove, name="remove_flag"),
]
