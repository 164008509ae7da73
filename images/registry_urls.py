from django.urls import path

from images.views import registries

urlpatterns = [
    path("", registries.registry_list, name="registry-list"),
    path("add/", registries.registry_add, name="registry-add"),
    path("<int:registry_id>/", registries.registry_edit, name="registry-edit"),
    path("<int:registry_id>/remove/", registries.registry_remove, name="registry-remove"),
    path("<int:registry_id>/test/", registries.registry_test, name="registry-test"),
    path("<int:registry_id>/realm/", registries.registry_realm, name="registry-realm"),
]
