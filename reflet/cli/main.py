"""The command line: `reflet COMMAND ...`. Each command is a function of its own module, read by tyro."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

import tyro

import reflet
from reflet.runtime.errors import UserError

# command -> (module, function, one line for the overview). Modules are imported when their command is called, so that
# `reflet --help` answers at once and `reflet render` needs no torch.
COMMANDS: dict[str, tuple[str, str, str]] = {
    "generate": ("reflet.cli.generate", "generate", "Make pictures from a prompt."),
    "batch": ("reflet.cli.batch", "batch", "Make the pictures of a CSV or JSONL file, resumable."),
    "sheet": ("reflet.cli.generate", "sheet", "Make a contact sheet: many prompts, a prompt matrix, a grid of seeds."),
    "edit": ("reflet.cli.edit", "edit", "Begin from a picture: whole, a part, a larger frame, variations."),
    "upscale": ("reflet.cli.upscale", "upscale", "Enlarge a picture two or four times."),
    "speak": ("reflet.cli.speak", "speak", "Say a text aloud: one voice or a dialogue, into a sound file."),
    "story": ("reflet.cli.story", "story", "Tell a story: a text read aloud, with a picture for each paragraph."),
    "render": ("reflet.cli.render", "render", "Render a training set: pictures, captions, scene graphs, masks, depth."),
    "data": ("reflet.cli.data", "data", "Take pictures in with their rights; curate a set; show what it is made of."),
    "train": ("reflet.cli.train", "train", "Train a model on a folder of shards, stage by stage, resumable."),
    "train lora": (
        "reflet.cli.train_lora",
        "train_lora",
        "Teach a bundle a style or a thing with pictures of your own.",
    ),
    "train upscaler": (
        "reflet.cli.train_upscaler",
        "train_upscaler",
        "Train an upscaler on a folder of shards, compare it, pack it.",
    ),
    "train voice": (
        "reflet.cli.train_voice",
        "train_voice",
        "Train a voice on a set of speech, stage by stage, and pack it.",
    ),
    "train talk": (
        "reflet.cli.train_talk",
        "train_talk",
        "Train the language model that talks, and calls the tools.",
    ),
    "train pronouncer": (
        "reflet.cli.train_pronouncer",
        "train_pronouncer",
        "Teach the voice how English words sound, from a dictionary.",
    ),
    "bundle": ("reflet.cli.bundle", "bundle", "Pack a trained run into a bundle, or check and show one."),
    "ledger": (
        "reflet.cli.ledger",
        "ledger",
        "What was a bundle trained on, with what right? Withdraw a record.",
    ),
    "verify": (
        "reflet.cli.verify",
        "verify",
        "What is known of a picture: who made it, and is it unchanged?",
    ),
    "evaluate": (
        "reflet.cli.evaluate",
        "evaluate_bundle",
        "Measure a bundle, alone or beside another: a page of numbers.",
    ),
    "arena": ("reflet.cli.arena", "arena", "Compare models blindly: make their pictures, vote, rate them."),
    "instruments": ("reflet.cli.evaluate", "instruments", "Train what measures: reader, metric encoder, calibration."),
    "serve": ("reflet.cli.serve", "serve", "Serve pictures behind OpenAI's interface."),
    "chat": ("reflet.cli.chat", "chat", "Talk in the terminal: ask for pictures, then for changes."),
    "studio": ("reflet.cli.studio", "studio", "Make pictures in the browser, on this machine."),
    "keys": ("reflet.cli.keys", "keys", "Make, list and revoke the keys of a service; check its audit trail."),
    "completion": ("reflet.cli.main", "completion", "Print a completion script for bash, zsh or tcsh."),
}

# extra -> packages whose absence means that it is not installed
EXTRAS = {
    "data": ("pyarrow", "faiss", "sklearn", "glin_profanity", "phonenumbers"),
    "arena": ("evalica", "pandas", "pyarrow", "scipy", "starlette", "uvicorn"),
    "evaluate": ("torchmetrics",),
    "speak": ("reflet.cli.speak", "speak", "Say a text aloud: one voice or a dialogue, into a sound file."),
    "render": ("cv2", "scipy", "pyoidn", "trimesh"),
    "serve": (
        "alembic",
        "fastapi",
        "fsspec",
        "httpx",
        "jsonschema_rs",
        "multipart",
        "prometheus_client",
        "python_multipart",
        "sqlalchemy",
        "uvicorn",
    ),
    "speech": ("soundfile",),
    "train": ("matplotlib", "cyclonedx"),
}


def overview() -> str:
    """What `reflet` alone prints."""
    lines = "\n".join(f"  {name:<18}{line}" for name, (_, _, line) in COMMANDS.items())
    return (
        f"Reflet {reflet.__version__}: an image model of one's own.\n\n"
        f"usage: reflet COMMAND [options]\n\n{lines}\n\n"
        "`reflet COMMAND --help` tells the options of a command.\n"
        'Start with: reflet generate "a red glass sphere on a wooden table at sunset"\n'
    )


def completion(shell: str = "bash", /) -> None:
    """Print a completion script.

    Args:
        shell: bash, zsh or tcsh. For bash: `reflet completion bash > ~/.local/share/bash-completion/completions/reflet`
    """
    if shell not in ("bash", "zsh", "tcsh"):
        raise UserError(f"there is no completion for {shell!r}: choose bash, zsh or tcsh")
    commands = {n: _function(n) for n in COMMANDS if n != "completion" and " " not in n}
    tyro.extras.subcommand_cli_from_dict(commands, prog="reflet", args=["--tyro-print-completion", shell])


def _function(command: str) -> Callable[..., Any]:
    module, name, _ = COMMANDS[command]
    try:
        return getattr(import_module(module), name)
    except ModuleNotFoundError as error:
        # Several extras share a package: the command's own is named first.
        for extra, packages in sorted(EXTRAS.items(), key=lambda e: e[0] != command.split()[0]):
            if (error.name or "").split(".")[0] in packages:
                raise UserError(
                    f"`reflet {command}` needs the extra {extra!r}: install it with pip install 'reflet[{extra}]'"
                ) from error
        raise


def run(arguments: list[str]) -> None:
    """Runs one command; raises UserError for what the user can mend."""
    if not arguments or arguments[0] in ("-h", "--help"):
        sys.stdout.write(overview())
        return
    if arguments[0] == "--version":
        sys.stdout.write(f"{reflet.__version__}\n")
        return
    words = 2 if " ".join(arguments[:2]) in COMMANDS else 1
    name = " ".join(arguments[:words])
    if name not in COMMANDS:
        raise UserError(f"there is no command {name!r}: choose one of {', '.join(COMMANDS)}")
    tyro.cli(_function(name), prog=f"reflet {name}", args=arguments[words:])


def main() -> None:
    """The console script. Exit codes: 0 done, 2 something the user can mend, 130 interrupted."""
    try:
        run(sys.argv[1:])
    except UserError as error:
        sys.stderr.write(f"reflet: {error}\n")
        sys.exit(2)
    except KeyboardInterrupt:
        sys.stderr.write("reflet: interrupted; run the same command to go on\n")
        sys.exit(130)
    except BrokenPipeError:
        sys.exit(0)
