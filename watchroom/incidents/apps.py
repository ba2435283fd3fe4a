from django.apps import AppConfig


class IncidentsConfig(AppConfig):
    name = "watchroom.incidents"
    label = "incidents"
