from django.urls import path

from pruning.views import view_of
from pruning.what import WHATS

urlpatterns = [path(f"{what.slug}/", view_of(what), name=what.route) for what in WHATS]
