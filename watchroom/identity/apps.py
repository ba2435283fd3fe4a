from django.apps import AppConfig


class IdentityConfig(AppConfig):
    name = "watchroom.identity"
    label = "identity"
