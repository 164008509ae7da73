"""The language of an answer."""

from django.http import HttpRequest
from django.utils import translation
from django.utils.deprecation import MiddlewareMixin

from access import languages


def speak(code: str | None) -> None:
    """From here on, in this task or thread; None leaves it as it is."""
    if code:
        translation.activate(code)


class OwnLanguage(MiddlewareMixin):
    """Django's middleware has chosen by cookie and browser; who is logged in may have chosen
    themselves. A program reads what its own Accept-Language says, whoever made its token."""

    def process_request(self, request: HttpRequest) -> None:
        if getattr(request, "bearer", None) is not None or not request.user.is_authenticated:
            return
        translation.activate(languages.of_person(request.user, request))
        request.LANGUAGE_CODE = translation.get_language()
