from django.urls import path

from watchroom.incidents.views import asking, board, close, crime, evidence, files, grade, log, open, tying

app_name = "incidents"
urlpatterns = [
    # of one contact: what its handler's page shows and does
    path("of/<int:contact>/what/", open.what, name="what"),
    path("of/<int:contact>/where/", open.where, name="where"),
    path("of/<int:contact>/place/", open.place, name="place"),
    path("of/<int:contact>/kind/", open.kind, name="kind"),
    path("of/<int:contact>/asks/", open.asks, name="asks"),
    path("of/<int:contact>/kinds/", open.kinds, name="kinds"),
    path("of/<int:contact>/same/", open.same, name="same"),
    path("of/<int:contact>/log/", log.lines, name="log"),
    path("of/<int:contact>/line/", log.write, name="write"),
    path("of/<int:contact>/file/", files.attach, name="attach"),
    path("of/<int:contact>/evidence/", evidence.panel, name="evidence"),
    path("of/<int:contact>/evidence/note/", evidence.note, name="note_evidence"),
    path("of/<int:contact>/evidence/take/", evidence.take, name="take_evidence"),
    path("of/<int:contact>/pin/", log.pin, name="pin"),
    path("of/<int:contact>/grade/", grade.grade, name="grade"),
    path("of/<int:contact>/decide/", grade.decide, name="decide"),
    # one job as a desk reads it, writes into it, and closes it
    path("<int:incident>/job/", board.job, name="job"),
    path("<int:incident>/note/", board.note, name="note"),
    path("<int:incident>/file/", files.attach_to_job, name="attach_to_job"),
    path("<int:incident>/evidence/", evidence.note_at_job, name="note_evidence_at_job"),
    path("evidence/<int:evidence_id>/settle/", evidence.settle, name="settle_evidence"),
    path("file/<int:attachment>/", files.fetch, name="file"),
    path("file/<int:attachment>/remove/", files.remove, name="remove_file"),
    path("<int:incident>/closing/", close.panel, name="closing"),
    path("<int:incident>/close/", close.close, name="close"),
    path("<int:incident>/crime/", crime.record, name="crime"),
    path("<int:incident>/no-crime/", crime.no_crime, name="no_crime"),
    path("<int:incident>/tell-victim/", crime.tell, name="tell_victim"),
    path("victims/", crime.victims, name="victims"),
    # the risk again, and less or later: asked by one person, answered by another
    path("<int:incident>/asking/", asking.panel, name="asking"),
    path("<int:incident>/look/", asking.look, name="look"),
    path("<int:incident>/ask/", asking.ask, name="ask"),
    path("<int:incident>/withdraw/", asking.withdraw, name="withdraw"),
    path("<int:incident>/answer/", asking.answer, name="answer"),
    path("<int:incident>/tie/", tying.tie, name="tie"),
    path("<int:incident>/untie/", tying.untie, name="untie"),
    path("<int:incident>/reopen/", tying.reopen, name="reopen"),
    path("<int:incident>/take/", tying.take, name="take"),
    path("asked/", asking.waiting, name="asked"),
    path("say/note/", board.say_note, name="say_note"),
    path("say/close/", close.say_close, name="say_close"),
]
