from django.apps import AppConfig


class ReferralsConfig(AppConfig):
    name = "watchroom.referrals"
    label = "referrals"
