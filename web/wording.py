"""Sentences of the engine room in the language of the page."""

from django.utils.translation import gettext

from engine.sentences import Sentence


def worded(sentence: Sentence) -> str:
    text = gettext(sentence.text)
    return text % sentence.values if sentence.values else text
