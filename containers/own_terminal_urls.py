from django.urls import path

from containers.views import own_terminals

urlpatterns = [
    path("", own_terminals.terminal_list, name="terminal-list"),
    path("<str:session_id>/end/", own_terminals.own_terminal_end, name="own-terminal-end"),
]
