"""Containers of one host. A name or a short id in a GET goes on to the full id."""

from django.urls import path

from containers.views import bulk, detail, file_copy, files, inspect, logs, run, terminal, verbs
from containers.views import list as lists

urlpatterns = [
    path("", lists.container_list, name="container-list"),
    path("run/", run.container_run, name="container-run"),
    path("run/line/", run.container_run_line, name="container-run-line"),
    path("run/image/", run.container_run_image, name="container-run-image"),
    path("run/preview/", run.container_run_preview, name="container-run-preview"),
    path("bulk/start/", bulk.start, name="container-bulk-start"),
    path("bulk/stop/", bulk.stop, name="container-bulk-stop"),
    path("bulk/restart/", bulk.restart, name="container-bulk-restart"),
    path("bulk/kill/", bulk.kill, name="container-bulk-kill"),
    path("bulk/remove/", bulk.remove, name="container-bulk-remove"),
    path("<str:container_id>/", detail.container_detail, name="container-detail"),
    path("<str:container_id>/head/", detail.container_head, name="container-head"),
    path("<str:container_id>/overview/", detail.container_overview, name="container-overview"),
    path("<str:container_id>/menu/", detail.container_menu, name="container-menu"),
    path("<str:container_id>/command/", detail.container_command, name="container-command"),
    path("<str:container_id>/inspect/", inspect.container_inspect, name="container-inspect"),
    path(
        "<str:container_id>/inspect/tree/",
        inspect.container_inspect_tree,
        name="container-inspect-tree",
    ),
    path("<str:container_id>/files/", files.container_files, name="container-files"),
    path("<str:container_id>/files/download/", files.file_download, name="file-download"),
    path("<str:container_id>/files/copy/", file_copy.file_copy, name="file-copy"),
    path("<str:container_id>/files/view/", files.file_view, name="file-view"),
    path("<str:container_id>/files/upload/", files.file_upload, name="file-upload"),
    path("<str:container_id>/logs/", logs.container_logs, name="container-logs"),
    path("<str:container_id>/logs/ticket/", logs.logs_ticket, name="logs-ticket"),
    path("<str:container_id>/logs/download/", logs.logs_download, name="logs-download"),
    path("<str:container_id>/terminal/", terminal.container_terminal, name="container-terminal"),
    path("<str:container_id>/terminal/ticket/", terminal.terminal_ticket, name="terminal-ticket"),
    path(
        "<str:container_id>/terminal/<str:session_id>/end/",
        terminal.terminal_end,
        name="terminal-end",
    ),
    path("<str:container_id>/start/", verbs.start, name="container-start"),
    path("<str:container_id>/stop/", verbs.stop, name="container-stop"),
    path("<str:container_id>/restart/", verbs.restart, name="container-restart"),
    path("<str:container_id>/kill/", verbs.kill, name="container-kill"),
    path("<str:container_id>/pause/", verbs.pause, name="container-pause"),
    path("<str:container_id>/unpause/", verbs.unpause, name="container-unpause"),
    path("<str:container_id>/rename/", verbs.rename, name="container-rename"),
    path("<str:container_id>/remove/", verbs.remove, name="container-remove"),
]
