from django.apps import AppConfig


class DemandConfig(AppConfig):
    name = "watchroom.demand"
    label = "demand"
