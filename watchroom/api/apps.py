from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "watchroom.api"
    label = "api"
