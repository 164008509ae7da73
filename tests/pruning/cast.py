"""Ada's previews and prunes of one test's rubbish."""

from typing import Any

from access.actors import Actor
from access.models import User
from jobs.models import Job
from pruning import actions
from pruning.options import LabelWord, Options
from pruning.previews import Preview
from pruning.what import BY_SLUG
from tests.pruning.conftest import Rubbish, over

PAGE = "/hosts/dock/prune/{}/"


def only(rubbish: Rubbish, **more: Any) -> Options:
    key, _, value = rubbish.mark.partition("=")
    return Options(labels=(LabelWord(key, value),), **more)


def admin() -> Actor:
    return Actor.of_user(User.objects.get(username="ada"))


def look(rubbish: Rubbish, slug: str, **more: Any) -> Preview:
    return actions.preview(admin(), "dock", BY_SLUG[slug], only(rubbish, **more))


def prune(shown: Preview) -> Job:
    return over(str(actions.prune(admin(), "dock", shown.what, shown.key).pk))
