"""Volumes of one host, by their names, which begin with a letter or a digit."""

from django.urls import path

from volumes.views import create, detail, files, verbs
from volumes.views import list as lists

urlpatterns = [
    path("", lists.volume_list, name="volume-list"),
    path("_create/", create.volume_create, name="volume-create"),
    path("<str:volume_id>/", detail.volume_detail, name="volume-detail"),
    path("<str:volume_id>/inspect/", detail.volume_inspect, name="volume-inspect"),
    path("<str:volume_id>/inspect/tree/", detail.volume_inspect_tree, name="volume-inspect-tree"),
    path("<str:volume_id>/files/", files.volume_files, name="volume-files"),
    path("<str:volume_id>/files/view/", files.volume_file_view, name="volume-file-view"),
    path("<str:volume_id>/files/download/", files.volume_download, name="volume-file-download"),
    path("<str:volume_id>/remove/", verbs.volume_remove, name="volume-remove"),
    path("<str:volume_id>/give/", verbs.volume_give, name="volume-give"),
]
