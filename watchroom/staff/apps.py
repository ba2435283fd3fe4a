from django.apps import AppConfig


class StaffConfig(AppConfig):
    name = "watchroom.staff"
    label = "staff"
