"""How a command refuses: a sentence on standard error, and exit code 2."""

from typing import NoReturn

import typer


def refuse(sentence: str) -> NoReturn:
    """Say what is wrong and what to do, and end the command."""
    typer.echo(sentence, err=True)
    raise typer.Exit(2)
