"""The desks' pages; a desk's own paths stand together."""

from django.urls import path

from watchroom.desk.views import (
    asked,
    audit,
    despatch,
    handler,
    handover,
    incident,
    replay,
    resolve,
    supervisor,
    surge,
    vulnerability,
)

app_name = "desk"
urlpatterns = [
    path("desk/", handler.waiting, name="waiting"),
    path("desk/<int:contact>/", handler.contact, name="contact"),
    path("desk/<int:contact>/headline/", handler.headline, name="headline"),
    path("desk/<int:contact>/send/", handler.send, name="send"),
    path("desk/<int:contact>/wrap/", handler.wrap, name="wrap"),
    path("despatch/", despatch.despatch, name="despatch"),
    path("resolve/", resolve.resolve, name="resolve"),
    path("incidents/<int:incident>/", incident.record, name="incident"),
    path("incidents/<int:incident>/copy/", incident.copy, name="copy"),
    path("incidents/<int:incident>/replay/", replay.replay, name="replay"),
    path("incidents/<int:incident>/bundle/", replay.bundle, name="bundle"),
    path("lookback/", replay.search, name="look_back"),
    path("vulnerability/", vulnerability.page, name="vulnerability"),
    path("supervisor/", supervisor.page, name="supervisor"),
    path("supervisor/headline/", supervisor.headline, name="supervisor_headline"),
    path("supervisor/arrives/", supervisor.arrives, name="supervisor_arrives"),
    path("supervisor/room/", supervisor.room, name="supervisor_room"),
    path("supervisor/waiting/", supervisor.waiting, name="supervisor_waiting"),
    path("supervisor/asked/", asked.page, name="asked"),
    path("supervisor/handover/", handover.page, name="handover"),
    path("supervisor/handover/save/", handover.save, name="handover_save"),
    path("supervisor/surge/", surge.page, name="surge"),
    path("supervisor/surge/declare/", surge.declare, name="surge_declare"),
    path("supervisor/surge/end/", surge.end, name="surge_end"),
    path("supervisor/owed/", supervisor.owed, name="supervisor_owed"),
    path("audit/", audit.page, name="audit"),
    path("audit/chain/", audit.chain, name="audit_chain"),
]
