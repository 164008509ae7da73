from django.urls import path

from hosts import views

urlpatterns = [path("settings/", views.host_settings, name="host-settings")]
