"""The rounds of a talk: what is asked, the call that is right, what the tool gives back, and the answer to it.

Each function adds one round to a `Talk`, whose messages are in the shape of `reflet.generate.talk`; labels are exact
because the words were made from them.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

from numpy.random import Generator

from reflet.data import talk_say as say
from reflet.data.talk_lexicon import folded
from reflet.data.talk_phrases import Language, Part, choose, fill, phrase, pick, reply, sections
from reflet.data.talk_wish import Wish, draw_noun, draw_wish, invented_word
from reflet.data.talk_world import FRENCH_NUMBERS, FRENCH_ORDINALS, ORDINALS
from reflet.render.wording import NUMBERS

TOOL_NAMES = ("generate", "edit", "vary", "upscale", "speak", "find", "explain", "battle")
SIZES = {"256x256": ("256x256", "256 x 256", "256"), "512x512": ("512x512", "512 x 512", "512"),
         "1024x1024": ("1024x1024", "1024 x 1024", "1024")}  # fmt: skip
VOICES = {
    "en": {"woman": ("woman's", "female"), "man": ("man's", "male", "deep"), "child": ("child's",)},
    "fr": {"woman": ("femme",), "man": ("homme",), "child": ("enfant",)},
}
MANNERS = {
    "en": {"slowly": ("slowly", "very slowly", "at a slow pace"), "fast": ("fast", "quickly"),
           "quietly": ("quietly", "softly", "in a low voice"), "lively": ("lively", "cheerfully", "with joy"),
           "deep": ("in a deep tone",), "high": ("in a high tone",)},
    "fr": {"slowly": ("lentement", "très lentement"), "fast": ("vite", "rapidement"),
           "quietly": ("doucement", "à voix basse"), "lively": ("gaiement", "avec joie")},
}  # fmt: skip
NAMES = ("Ada", "Anna", "Ben", "Clara", "Emil", "Flora", "Greta", "Hugo", "Iris", "Jonas", "Leo", "Mia", "Nora",
         "Oscar", "Paula", "Rosa", "Theo", "Vera")  # fmt: skip
ERRORS = ("the queue is full, try again in a minute", "the picture is no longer in the gallery", "the model is busy",
          "that size is not offered", "the request was cancelled", "it took too long")  # fmt: skip


@dataclass
class Talk:
    """A talk as it grows. `pictures[k]` is what number k + 1 shows; None where nobody knows. `asked`: the turns whose
    call or answer the evaluation looks at, with their section."""

    rng: Generator
    language: Language
    part: Part = "learned"  # of the phrasings
    things: Part = "learned"
    tools: tuple[str, ...] = TOOL_NAMES
    messages: list[dict[str, Any]] = field(default_factory=list)
    pictures: list[Wish | None] = field(default_factory=list)
    pending: Wish | None = None
    answered: bool = False
    asked: list[tuple[int, str]] = field(default_factory=list)

    def ask(self, section: str, text: str, *, images: int = 0) -> None:
        """A user's turn, and whatever pictures came with it."""
        content: Any = text
        if images:
            picture = {"type": "image_url", "image_url": {"url": "data:,"}}
            content = [*[picture] * images, {"type": "text", "text": text}]
            self.pictures += [None] * images
        self.messages.append({"role": "user", "content": content})
        self.asked.append((len(self.messages), section))

    def call(self, name: str, arguments: dict[str, Any]) -> bool:
        """A call, where the tool is offered; otherwise the honest answer, and False."""
        if name not in self.tools:
            self.answer(reply(self.rng, self.language, "missing tool"))
            return False
        function = {"name": name, "arguments": json.dumps(arguments, ensure_ascii=False, separators=(",", ":"))}
        calls = [{"id": f"call_{len(self.messages)}", "type": "function", "function": function}]
        self.messages.append({"role": "assistant", "content": None, "tool_calls": calls})
        return True

    def result(self, value: dict[str, Any]) -> None:
        """What a tool gave back."""
        call = self.messages[-1]["tool_calls"][0]["id"]
        self.messages.append({"role": "tool", "tool_call_id": call, "content": json.dumps(value)})

    def answer(self, text: str) -> None:
        """The assistant's words."""
        self.messages.append({"role": "assistant", "content": text})
        self.answered = True

    def reply(self, topic: str, **values: str) -> None:
        """An answer on a topic."""
        self.answer(reply(self.rng, self.language, topic, values))

    def phrase(self, section: str, **values: str) -> str:
        """A saying of the talk's language and part."""
        return phrase(self.rng, self.language, section, values, part=self.part)

    def chance(self, share: float) -> bool:
        """True in that share of cases."""
        return bool(self.rng.random() < share)

    def show(self, wishes: list[Wish | None], topic: str) -> None:
        """A result with pictures, and the answer to it; a failure now and then."""
        if self.chance(0.03):
            why = pick(self.rng, ERRORS)
            self.result({"error": why})
            self.reply("failed", why=why)
            return
        first = len(self.pictures) + 1
        self.pictures += wishes
        self.result({"pictures": [{"id": f"{self.rng.integers(16**6):06x}"} for _ in wishes]})
        values = {"n": str(len(self.pictures)), "first": str(first), "many": self.number(len(wishes))}
        many = topic in ("made", "varied", "found") and len(wishes) > 1
        suffix = (
            " many" if many and topic == "made" else "" if many or topic not in ("made", "varied", "found") else " one"
        )
        self.reply(topic + suffix, **values)

    def number(self, count: int) -> str:
        """A number in words or digits."""
        words = NUMBERS if self.language == "en" else FRENCH_NUMBERS
        return words[count] if count < len(words) and self.chance(0.6) else str(count)

    def wrapped(self, text: str) -> str:
        """With or without a beginning and an end that mean nothing."""
        if self.chance(0.18):
            text = phrase(self.rng, self.language, "lead") + text
        if self.chance(0.2):
            text += phrase(self.rng, self.language, "tail")
        return text

    def typed(self, text: str) -> str:
        """As people type: capitals or none, a full stop or none, accents left out."""
        text = contracted(text) if self.language == "fr" else text
        draw = self.rng.random()
        if draw < 0.45:
            text = text[:1].upper() + text[1:]
        elif draw < 0.6:
            text = text.lower()
        if self.language == "fr" and self.chance(0.12):
            text = folded(text)
        if text[-1:].isalpha() and self.chance(0.25):
            text += "."
        if self.chance(0.04):
            text = text.upper() if self.chance(0.3) else text.replace("'", "")
        return text

    def reference(self) -> tuple[str, str]:
        """(how a picture of the talk is spoken of, the value of `picture`)."""
        total, english = len(self.pictures), self.language == "en"
        if (total == 1 and self.chance(0.85)) or self.chance(0.5):
            words = (
                ("it", "this", "this one", "this picture", "that picture", "the picture", "the last one", "that one")
                if english
                else ("cette image", "l'image", "la dernière", "celle-ci", "cette image-là")
            )
            return pick(self.rng, words), "last"
        number = int(self.rng.integers(1, total + 1))
        ordinal = ORDINALS if english else FRENCH_ORDINALS
        options = [f"picture {number}", f"number {number}", f"no. {number}", f"#{number}", f"image {number}"]
        if not english:
            options = [f"l'image {number}", f"la {number}", f"le numéro {number}", f"la numéro {number}"]
        if number <= len(ordinal):
            word = ordinal[number - 1]
            options += [f"the {word}", f"the {word} one", f"the {word} picture"] if english else [f"la {word}"] * 3
        return pick(self.rng, options), str(number)


def contracted(text: str) -> str:
    """ "de un vase" -> "d'un vase", "de le cube" -> "du cube"."""
    text = re.sub(r"\b([Dd])e (?=[aeiouéèêâîœAEIOUÉ])", r"\1'", text)
    return re.sub(r"\bde le ", "du ", re.sub(r"\bde les ", "des ", re.sub(r"\bà le ", "au ", text)))


def pictures_said(talk: Talk, count: int) -> str:
    """ "a picture", "three pictures"."""
    rng = talk.rng
    if talk.language == "fr":
        return pick(rng, ("une image", "une image", "un dessin")) if count == 1 else f"{talk.number(count)} images"
    if count == 1:
        return pick(rng, ("a picture", "an image", "a picture", "one picture"))
    return f"{talk.number(count)} {pick(rng, ('pictures', 'images', 'pictures', 'versions'))}"


def draw(talk: Talk, wish: Wish | None = None) -> None:
    """A new picture, or several."""
    rng = talk.rng
    wish = wish or draw_wish(rng, talk.things)
    count = int(rng.integers(2, 7)) if talk.chance(0.2) else 1
    said = say.wish(wish, rng, talk.language)
    text = _many(talk, said, count) if count > 1 else talk.phrase("draw", x=said, pics=pictures_said(talk, 1))
    arguments: dict[str, Any] = {"prompt": wish.prompt()}
    if talk.chance(0.06):
        noun = draw_noun(rng, talk.things)
        words = (noun.name, noun.plural) if talk.language == "en" else (noun.french, noun.french_plural)
        many = talk.chance(0.5)
        text += " " + talk.phrase("without", no=words[many])
        arguments["without"] = noun.plural if many else noun.name
    if count > 1:
        arguments["count"] = count
    if talk.chance(0.05):
        size = pick(rng, list(SIZES))
        text += ", " + talk.phrase("size", size=pick(rng, SIZES[size]))
        arguments["size"] = size
    if wish.style:
        arguments["style"] = wish.style
    if talk.chance(0.05):
        seed = int(rng.integers(10 ** int(rng.integers(1, 6))))
        text += ", " + talk.phrase("seed", n=str(seed))
        arguments["seed"] = seed
    talk.ask("draw", talk.typed(talk.wrapped(text)))
    if talk.call("generate", arguments):
        talk.show([wish] * count, "made")


def _many(talk: Talk, said: str, count: int) -> str:
    """A request for several pictures: every pattern that says so."""
    patterns = [p for p in sections(talk.language)["draw"].of(talk.part) if "{pics}" in p]
    patterns = patterns or [p for p in sections(talk.language)["draw"].learned if "{pics}" in p]
    return fill(choose(pick(talk.rng, patterns), talk.rng), {"x": said, "pics": pictures_said(talk, count)})


def again(talk: Talk) -> None:
    """The last prompt once more."""
    wish = talk.pictures[-1] if talk.pictures else None
    if wish is None:
        return draw(talk)
    talk.ask("again", talk.typed(talk.wrapped(talk.phrase("again"))))
    arguments: dict[str, Any] = {"prompt": wish.prompt()} | ({"style": wish.style} if wish.style else {})
    if talk.call("generate", arguments):
        talk.show([wish], "made")
    return None


def no_picture(talk: Talk, section: str) -> bool:
    """Where the talk has no picture: what is asked of one is answered in words."""
    if talk.pictures:
        return False
    ref = pick(
        talk.rng, ("it", "the picture", "the last one", "this") if talk.language == "en" else ("l'image", "cette image")
    )
    talk.ask(section, talk.typed(talk.phrase(section, ref=ref, nvar="variations", nmore="three more")))
    talk.reply("nothing yet")
    return True


def vary(talk: Talk) -> None:
    """Variations of a picture."""
    rng, english = talk.rng, talk.language == "en"
    if no_picture(talk, "vary"):
        return
    said, picture = talk.reference()
    count = int(rng.integers(2, 7)) if talk.chance(0.6) else None
    number = talk.number(count) if count else ""
    text = talk.phrase(
        "vary",
        ref=said,
        nvar=f"{number} variations".strip() if english else f"{number} variantes".strip() if count else "variations",
        nmore=(f"{number} more" if count else "more") if english else (f"{number} autres" if count else "d'autres"),
    )
    counted = bool(count) and number in text
    arguments: dict[str, Any] = {"picture": picture} | ({"count": count} if counted else {})
    if talk.chance(0.2):
        strong = talk.chance(0.5)
        text += ", " + talk.phrase("wilder" if strong else "calmer")
        arguments["strength"] = "high" if strong else "low"
    talk.ask("vary", talk.typed(talk.wrapped(text)))
    if talk.call("vary", arguments):
        wish = talk.pictures[-1 if picture == "last" else int(picture) - 1]
        talk.show([wish] * (count if counted and count else 1), "varied")


def upscale(talk: Talk) -> None:
    """A picture larger."""
    if no_picture(talk, "upscale"):
        return
    said, picture = talk.reference()
    factor = int(talk.rng.choice([2, 4]))
    words = {2: ("twice", "2x", "two times"), 4: ("four times", "4x", "4 times")}
    if talk.language == "fr":
        words = {2: ("deux fois", "2x"), 4: ("quatre fois", "4x")}
    factor_said = pick(talk.rng, words[factor])
    text = talk.phrase("upscale", ref=said, factor=factor_said)
    talk.ask("upscale", talk.typed(talk.wrapped(text)))
    arguments: dict[str, Any] = {"picture": picture} | ({"factor": factor} if factor_said in text else {})
    if talk.call("upscale", arguments):
        talk.show([talk.pictures[-1 if picture == "last" else int(picture) - 1]], "enlarged")


def speak(talk: Talk) -> None:
    """A text aloud, or the last answer."""
    rng, language = talk.rng, talk.language
    arguments: dict[str, Any]
    if talk.answered and talk.chance(0.3):
        text, arguments = talk.phrase("speaklast"), {"reply": "last"}
    else:
        words = sentence(talk)
        left, right = pick(rng, ('" "', "' '", "“ ”", "« »") if language == "en" else ("« »", '" "')).split(" ")
        patterns = list(sections(language)["speak"].of(talk.part))
        after_colon = [p for p in patterns if p.endswith(": {quote}")]
        bare = bool(after_colon) and talk.chance(0.15)  # without quotation marks only a colon tells where it begins
        quoted, patterns = (words, after_colon) if bare else (f"{left}{words}{right}", patterns)
        text = fill(choose(pick(rng, patterns), rng), {"quote": quoted})
        arguments = {"text": words}
        if quoted == words:
            talk.ask("speak", text[:1].upper() + text[1:] if talk.chance(0.5) else text)
            return _spoken(talk, arguments)
    if talk.chance(0.3):
        voice = pick(rng, list(VOICES[language]))
        name = pick(rng, NAMES)
        added = talk.phrase("voice", voice=pick(rng, VOICES[language][voice]), name=name)
        arguments["voice"] = name if name in added else voice
        text = f"{text} {added}" if not text.endswith(("?", ".")) else f"{text[:-1].rstrip()} {added}{text[-1]}"
    if talk.chance(0.25):
        manner = pick(rng, list(MANNERS[language]))
        text += ", " + pick(rng, MANNERS[language][manner])
        arguments["instruction"] = manner
    text = text.replace("de une voix", "d'une voix").replace("de enfant", "d'enfant")
    talk.ask("speak", text[:1].upper() + text[1:] if talk.chance(0.5) else text)
    return _spoken(talk, arguments)


def _spoken(talk: Talk, arguments: dict[str, Any]) -> None:
    if talk.call("speak", arguments):
        talk.result({"sounds": [{"id": f"{talk.rng.integers(16**6):06x}"}]})
        talk.reply("spoken")


def sentence(talk: Talk) -> str:
    """Something to say aloud: a few words, known or not."""
    rng = talk.rng
    lines = sections("quotes")[talk.language].learned
    values = {
        "x": say.wish(draw_wish(rng, talk.things, style=0.0), rng, talk.language),
        "name": pick(rng, NAMES),
        "odd": invented_word(rng),
        "n": str(int(rng.integers(2, 100))),
    }
    return fill(choose(pick(rng, lines), rng), values)


def story_words(talk: Talk, wish: Wish) -> dict[str, str]:
    """What a story about two things and a place is filled with."""
    first, second = (say.thing(t, talk.rng, talk.language) for t in wish.things)
    return {
        "a": first,
        "b": second,
        "place": say.place(wish.place or "in a garden", talk.rng, talk.language),
        "light": say.light(wish.light or "night", talk.rng, talk.language),
    }
