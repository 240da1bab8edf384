"""The one route."""

from django.urls import path

from tests.bench.peers.drf.views import Cases

urlpatterns = [path("api/v1/cases", Cases.as_view())]
