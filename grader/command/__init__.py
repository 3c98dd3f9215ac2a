"""`dojo`: the commands of learners, instructors and authors."""

import typer

from . import author, instructor, learner

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="The course on the command line: check, grade, prove.",
)
app.add_typer(learner.app)
app.add_typer(instructor.app)
app.add_typer(author.app, name="author")
