from django.urls import path

from images.views import list as lists
from images.views import pull, search

urlpatterns = [
    path("", lists.image_list, name="image-list"),
    path("pull/", pull.image_pull, name="image-pull"),
    path("search/", search.image_search, name="image-search"),
    path("search/tags/", search.repository_tags, name="repository-tags"),
    path("search/tags/facts/", search.tag_facts, name="tag-facts"),
    path("<str:image_id>/push/", pull.image_push, name="image-push"),
]
