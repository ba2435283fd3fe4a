from django.apps import AppConfig


class ShellConfig(AppConfig):
    name = "watchroom.shell"
    label = "shell"
