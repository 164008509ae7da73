"""The files of an image: read as a container's are, so they stand with those."""

from django.urls import path

from containers.views import image_files

urlpatterns = [
    path("<str:image_id>/files/", image_files.image_files_page, name="image-files"),
    path(
        "<str:image_id>/files/download/",
        image_files.image_file_download,
        name="image-file-download",
    ),
    path("<str:image_id>/files/view/", image_files.image_file_view, name="image-file-view"),
]
