from django.urls import path

from containers.views import list as lists

urlpatterns = [path("", lists.container_list, name="container-list")]
