from django.urls import path

from containers.views import others_terminals

urlpatterns = [
    path("", others_terminals.host_terminals, name="host-terminals"),
    path("<str:session_id>/", others_terminals.terminal_watch, name="terminal-watch"),
    path("<str:session_id>/ticket/", others_terminals.watch_ticket, name="watch-ticket"),
    path("<str:session_id>/end/", others_terminals.others_terminal_end, name="others-terminal-end"),
]
