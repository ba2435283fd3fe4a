from django.apps import AppConfig


class DispatchConfig(AppConfig):
    name = "watchroom.dispatch"
    label = "dispatch"
