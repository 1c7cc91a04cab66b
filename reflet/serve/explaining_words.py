"""The sentences of explaining.py, in both languages."""

from __future__ import annotations

from typing import Literal

Language = Literal["en", "fr"]
WORDS: dict[str, dict[Language, str]] = {
    "settings": {
        "en": (
            "Picture {number} was made by {model} from the words “{prompt}”{style}, with the seed {seed}, {steps} "
            "steps and a guidance of {guidance:g}, {width} × {height} pixels. "
            "The same settings make the same picture again."
        ),
        "fr": (
            "L’image {number} a été faite par {model} à partir des mots « {prompt} »{style}, avec la graine {seed}, "
            "{steps} pas et un guidage de {guidance:g}, {width} × {height} pixels. "
            "Les mêmes réglages refont la même image."
        ),
    },
    "changed": {
        "en": "Picture {number} was made by {model} from another picture, {how}, {width} × {height} pixels.",
        "fr": "L’image {number} a été faite par {model} à partir d’une autre image, {how}, {width} × {height} pixels.",
    },
    "style": {"en": " in the style {style}", "fr": " dans le style {style}"},
    "enlarged": {"en": "enlarged {factor} times", "fr": "agrandie {factor} fois"},
    "anew": {"en": "of which {percent} % was made anew", "fr": "dont {percent} % ont été refaits"},
    "cost": {
        "en": (
            "Picture {number} took {seconds:.1f} s of the device and {joules:.0f} J of energy ({method}), in {steps} "
            "steps."
        ),
        "fr": (
            "L’image {number} a demandé {seconds:.1f} s de calcul et {joules:.0f} J d’énergie ({method}), en {steps} "
            "pas."
        ),
    },
    "estimate": {"en": "estimated from the processor’s time", "fr": "estimés d’après le temps de calcul"},
    "counter": {"en": "read from a counter", "fr": "lus sur un compteur"},
    "free": {"en": "What picture {number} cost is not recorded.", "fr": "Le coût de l’image {number} n’est pas noté."},
    "rights": {
        "en": (
            "Picture {number} was made by {model}{bundle}. {data}{signed} Nobody else’s rights are claimed in it here; "
            "whether an image made by a model has a copyright depends on the country. This is no legal advice."
        ),
        "fr": (
            "L’image {number} a été faite par {model}{bundle}. {data}{signed} Aucun droit d’autrui n’y est revendiqué "
            "ici ; qu’une image faite par un modèle ait un droit d’auteur dépend du pays. "
            "Ceci n’est pas un conseil juridique."
        ),
    },
    "data": {
        "en": "It was trained on {count:,} pictures under {licences}; its card lists them. ",
        "fr": "Il a été entraîné sur {count} images sous {licences} ; sa fiche les énumère. ",
    },
    "no data": {
        "en": "What it was trained on is not recorded here. ",
        "fr": "Ce qui a servi à l’entraîner n’est pas noté ici. ",
    },
    "signed": {
        "en": "The file says that a model made it: it is signed (C2PA) and marked in its pixels.",
        "fr": "Le fichier dit qu’un modèle l’a faite : il est signé (C2PA) et marqué dans ses pixels.",
    },
    "unsigned": {"en": "The file is not signed here.", "fr": "Le fichier n’est pas signé ici."},
    "content": {
        "en": (
            "I cannot see pictures yet. Picture {number} was asked to show: “{prompt}”. Whether it does, only your "
            "eyes can tell."
        ),
        "fr": (
            "Je ne vois pas encore les images. L’image {number} devait montrer : « {prompt} ». Si elle le fait, seuls "
            "vos yeux le disent."
        ),
    },
    "unseen": {
        "en": "I cannot see pictures yet, and picture {number} was not made here: I do not know what it shows.",
        "fr": (
            "Je ne vois pas encore les images, et l’image {number} n’a pas été faite ici : j’ignore ce qu’elle montre."
        ),
    },
    "yours": {
        "en": "Picture {number} came from you. {words}",
        "fr": "L’image {number} vient de vous. Ce que dit le fichier (en anglais) : {words}",
    },
    "unread": {"en": "What its file says cannot be read here.", "fr": "what it says cannot be read here."},
}
