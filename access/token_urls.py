"""API tokens: one's own, and for a superuser everybody's."""

from django.urls import path

from access.views import tokens

urlpatterns = [
    path("", tokens.token_list, name="token-list"),
    path("add/", tokens.token_add, name="token-add"),
    path("all/", tokens.token_list_all, name="token-list-all"),
    path("<int:token_id>/end/", tokens.token_end, name="token-end"),
]
