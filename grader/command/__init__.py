"""`dojo`: the commands of learners, instructors and authors."""

import sys

import typer
from typer.core import TyperGroup

from grader.course.manifest import ManifestError

from . import author, competition, doctor, drill, incident, instructor, learner, reset
from .output import stop


class _Sentences(TyperGroup):
    """Whatever the machine or the manifest refuses is said in a sentence, never as a traceback."""

    def invoke(self, context: typer.Context) -> object:
        for stream in (sys.stdout, sys.stderr):
            stream.reconfigure(errors="backslashreplace")  # a name that the terminal cannot show ends nothing
        try:
            return super().invoke(context)
        except BrokenPipeError:
            raise
        except OSError as error:
            where = f"{error.filename} cannot be used" if error.filename else "The system refused"
            stop(f"{where}: {error.strerror}." if error.errno else str(error))  # else a sentence of ours
        except ManifestError as error:
            stop(str(error))


app = typer.Typer(
    cls=_Sentences,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="ML Dojo on the command line.",
)
app.add_typer(learner.app)
app.add_typer(reset.app)
app.add_typer(drill.app)
app.add_typer(doctor.app)
app.add_typer(incident.app, name="incident")
app.add_typer(instructor.app)
app.add_typer(competition.app)
app.add_typer(author.app, name="author")
