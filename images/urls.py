from django.urls import path

from images.views import list as lists

urlpatterns = [path("", lists.image_list, name="image-list")]
