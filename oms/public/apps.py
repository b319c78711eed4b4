from django.apps import AppConfig


class PublicConfig(AppConfig):
    name = "oms.public"
    label = "public"
    verbose_name = "Customers' pages"
