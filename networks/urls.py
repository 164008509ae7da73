"""Networks of one host, by their full ids."""

from django.urls import path

from networks.views import create, detail, verbs
from networks.views import list as lists

urlpatterns = [
    path("", lists.network_list, name="network-list"),
    path("create/", create.network_create, name="network-create"),
    path("<str:network_id>/", detail.network_detail, name="network-detail"),
    path("<str:network_id>/head/", detail.network_head, name="network-head"),
    path("<str:network_id>/overview/", detail.network_overview, name="network-overview"),
    path("<str:network_id>/inspect/", detail.network_inspect, name="network-inspect"),
    path(
        "<str:network_id>/inspect/tree/",
        detail.network_inspect_tree,
        name="network-inspect-tree",
    ),
    path("<str:network_id>/connect/", verbs.network_connect, name="network-connect"),
    path("<str:network_id>/disconnect/", verbs.network_disconnect, name="network-disconnect"),
    path("<str:network_id>/remove/", verbs.network_remove, name="network-remove"),
    path("<str:network_id>/give/", verbs.network_give, name="network-give"),
]
