from django.urls import path

from audit import recording_views as recordings

urlpatterns = [
    path("", recordings.recording_list, name="recording-list"),
    path("<str:recording_id>/", recordings.recording_page, name="recording"),
    path("<str:recording_id>/cast/", recordings.recording_cast, name="recording-cast"),
    path("<str:recording_id>/download/", recordings.recording_download, name="recording-download"),
]
