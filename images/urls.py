"""Images of one host. A short id in a GET goes on to the full id; references travel in ?ref=."""

from django.urls import path

from images.views import build, bulk, check, contexts, detail, load, pull, save, search, verbs
from images.views import list as lists

urlpatterns = [
    path("", lists.image_list, name="image-list"),
    path("pull/", pull.image_pull, name="image-pull"),
    path("build/", build.image_build, name="image-build"),
    path("build/contexts/", contexts.context_create, name="image-build-context-create"),
    path("build/contexts/<uuid:context_id>/", contexts.context_upload, name="image-build-context"),
    path("build/preview/", build.image_build_preview, name="image-build-preview"),
    path("check/", check.image_check_all, name="image-check-all"),
    path("search/", search.image_search, name="image-search"),
    path("search/tags/", search.repository_tags, name="repository-tags"),
    path("search/tags/facts/", search.tag_facts, name="tag-facts"),
    path("by-reference/", detail.image_by_reference, name="image-by-reference"),
    path("bulk/remove/", bulk.image_bulk_remove, name="image-bulk-remove"),
    path("load/", load.image_load, name="image-load"),
    path("load/uploads/", load.load_create, name="image-load-create"),
    path("load/uploads/<uuid:upload_id>/", load.load_upload, name="image-load-upload"),
    path("bulk/save/", save.image_bulk_save, name="image-bulk-save"),
    path("<str:image_id>/", detail.image_detail, name="image-detail"),
    path("<str:image_id>/head/", detail.image_head, name="image-head"),
    path("<str:image_id>/overview/", detail.image_overview, name="image-overview"),
    path("<str:image_id>/inspect/", detail.image_inspect, name="image-inspect"),
    path("<str:image_id>/inspect/tree/", detail.image_inspect_tree, name="image-inspect-tree"),
    path("<str:image_id>/check/", check.image_check, name="image-check"),
    path("<str:image_id>/tag/", verbs.image_tag, name="image-tag"),
    path("<str:image_id>/remove/", verbs.image_remove, name="image-remove"),
    path("<str:image_id>/save/", save.image_save, name="image-save"),
    path("<str:image_id>/push/", pull.image_push, name="image-push"),
]
