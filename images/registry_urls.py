from django.urls import path

from images.views import registries

urlpatterns = [path("", registries.registry_list, name="registry-list")]
