from django.apps import AppConfig


class CausesConfig(AppConfig):
    name = "tests.drill.causes"
    label = "causes"
