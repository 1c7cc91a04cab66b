"""What a talk can do beside answering in words: eight tools, each with the JSON schema of its arguments.

The schemas are in OpenAI's shape, so any brain can be given them. Their order of properties is the order in which our
own brain writes them; its grammar (talk_grammar.py) is made from them. Who carries a call out lies elsewhere: here is
only what may be asked.
"""

from __future__ import annotations

from typing import Any, Literal, get_args

from reflet.render.vocabulary import STYLES

ToolName = Literal["generate", "edit", "vary", "upscale", "speak", "find", "explain", "battle"]
TOOL_NAMES: tuple[ToolName, ...] = get_args(ToolName)
MAX_COUNT = 10

# A picture of the talk: "last", its number (pictures are numbered from 1 in the order in which the talk shows them,
# those of the user too), or its id.
PICTURE: dict[str, Any] = {
    "type": "string",
    "minLength": 1,
    "description": 'which picture: "last", its number in this talk ("2"), or its id',
}
PROMPT: dict[str, Any] = {
    "type": "string",
    "minLength": 1,
    "description": "what the picture shows, as a caption in English; its medium goes to `style`",
}
STYLE: dict[str, Any] = {"type": "string", "enum": list(STYLES)}
COUNT: dict[str, Any] = {"type": "integer", "minimum": 1, "maximum": MAX_COUNT}


def _tool(name: ToolName, about: str, properties: dict[str, Any], *required: str) -> dict[str, Any]:
    parameters = {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }
    return {"type": "function", "function": {"name": name, "description": about, "parameters": parameters}}


TOOLS: tuple[dict[str, Any], ...] = (
    _tool(
        "generate",
        "Make new pictures from words.",
        {
            "prompt": PROMPT,
            "without": {"type": "string", "minLength": 1, "description": "what must not be in the picture"},
            "count": COUNT,
            "size": {"type": "string", "enum": ["256x256", "512x512", "1024x1024"]},
            "style": STYLE,
            "seed": {"type": "integer", "minimum": 0, "maximum": 2**31 - 1},
        },
        "prompt",
    ),
    _tool(
        "edit",
        "Change one picture of this talk and keep the rest of it.",
        {
            "picture": PICTURE,
            "instruction": {"type": "string", "minLength": 1, "description": "the change alone, in English"},
            "prompt": {
                "type": "string",
                "minLength": 1,
                "description": "what the whole picture shows after the change",
            },
            "style": STYLE,
        },
        "picture",
        "instruction",
        "prompt",
    ),
    _tool(
        "vary",
        "Make other pictures like one of this talk.",
        {
            "picture": PICTURE,
            "count": COUNT,
            "strength": {"type": "string", "enum": ["low", "medium", "high"], "description": "how different"},
        },
        "picture",
    ),
    _tool(
        "upscale",
        "Make a picture of this talk larger.",
        {"picture": PICTURE, "factor": {"type": "integer", "enum": [2, 4]}},
        "picture",
    ),
    _tool(
        "speak",
        "Say something aloud: `text`, or the last answer of this talk.",
        {
            "text": {"type": "string", "minLength": 1, "description": "the words to say"},
            "reply": {"type": "string", "enum": ["last"], "description": "say the last answer instead of a text"},
            "voice": {"type": "string", "description": "the name of a voice, or woman, man, child"},
            "instruction": {"type": "string", "description": "how to say it: slowly, lively, quietly ..."},
        },
    ),
    _tool(
        "find",
        "Look for pictures in the gallery.",
        {
            "query": {"type": "string", "minLength": 1, "description": "words of the picture, in English"},
            "count": COUNT,
        },
        "query",
    ),
    _tool(
        "explain",
        "Tell how a picture of this talk was made, who may use it, what it cost, or what is in it.",
        {
            "picture": PICTURE,
            "aspect": {"type": "string", "enum": ["settings", "rights", "cost", "content", "all"]},
        },
        "picture",
        "aspect",
    ),
    _tool(
        "battle",
        "Start a blind comparison of two models in the arena with one prompt.",
        {"prompt": PROMPT, "style": STYLE},
        "prompt",
    ),
)
