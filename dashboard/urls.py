"""The whole address space on one screen."""

from django.urls import include, path

from dashboard import disk_views, overview, palette_views, views
from dashboard.api_door import api_v1

urlpatterns = [
    path("", overview.overview, name="overview"),
    path("account/tokens/", include("access.token_urls")),
    path("api/v1/docs", views.api_docs, name="api-docs"),
    path("api/v1/<path:rest>", api_v1, name="api"),
    path("api/<path:rest>", api_v1, name="no-api"),
    path("healthz", views.healthz, name="healthz"),
    path("palette/", palette_views.palette, name="palette"),
    path("styleguide/", views.styleguide, name="styleguide"),
    path("", include("access.urls")),
    path("audit/", include("audit.urls")),
    path("recordings/", include("audit.recording_urls")),
    path("jobs/", include("jobs.urls")),
    path("terminals/", include("containers.own_terminal_urls")),
    path("registries/", include("images.registry_urls")),
    path("hosts/<slug:host>/", views.host_detail, name="host-detail"),
    path("hosts/<slug:host>/rail/", views.host_rail, name="host-rail"),
    path("hosts/<slug:host>/disk/", disk_views.host_disk, name="host-disk"),
    path("hosts/<slug:host>/disk/objects/", disk_views.host_disk_objects, name="host-disk-objects"),
    path("hosts/<slug:host>/", include("hosts.urls")),
    path("hosts/<slug:host>/containers/", include("containers.urls")),
    path("hosts/<slug:host>/terminals/", include("containers.host_terminal_urls")),
    path("hosts/<slug:host>/images/", include("containers.image_file_urls")),
    path("hosts/<slug:host>/images/", include("images.urls")),
    path("hosts/<slug:host>/events/", include("events.urls")),
    path("hosts/<slug:host>/prune/", include("pruning.urls")),
    path("hosts/<slug:host>/networks/", include("networks.urls")),
    path("hosts/<slug:host>/volumes/", include("volumes.urls")),
    path("hosts/<slug:host>/uploads/", include("transfers.urls")),
]

handler400 = "dashboard.views.bad_request"
handler404 = "dashboard.views.page_not_found"
handler403 = "dashboard.views.forbidden"
handler500 = "dashboard.views.server_error"
