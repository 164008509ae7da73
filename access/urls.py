"""One's own account: log in and out, set up, password, how pages look."""

from django.urls import path

from access import views

urlpatterns = [
    path("login/", views.log_in, name="login"),
    path("logout/", views.log_out, name="logout"),
    path("setup/<str:token>/", views.set_up, name="setup"),
    path("account/password/", views.change_password, name="password"),
    path("account/appearance/", views.appearance, name="appearance"),
]
