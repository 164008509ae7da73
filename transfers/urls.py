from django.urls import path

from transfers import views

urlpatterns = [
    path("", views.upload_create, name="upload-create"),
    path("<uuid:upload_id>/", views.upload, name="upload"),
]
