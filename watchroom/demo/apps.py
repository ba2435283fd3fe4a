from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "watchroom.demo"
    label = "demo"
