"""The mailbox of an installation without a mail server."""

from django.urls import URLPattern, path

from oms.integrations import views

app_name = "mailbox"
urlpatterns: list[URLPattern] = [
    path("mailbox/", views.mailbox, name="list"),
    path("mailbox/<int:pk>/", views.mailbox, name="mail"),
    path("mailbox/<int:pk>/html/", views.mail_html, name="html"),
    path("mailbox/<int:pk>/parts/<str:content_id>", views.mail_part, name="part"),
]
