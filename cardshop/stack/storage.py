"""Whether MLflow's database and place for models can be used, where they are not in the stack's folder."""

from cardshop.stack.settings import Settings


def trouble(settings: Settings) -> str:
    """Say what is wrong with `database` or `artifacts`, and what to do; an empty text where nothing is.

    Asked before anything starts: MLflow tries a database that does not answer for minutes, and would miss a bucket
    only after the training.
    """
    return _of_database(settings.database) or _of_artifacts(settings.artifacts)


def _of_database(uri: str) -> str:
    if not uri:
        return ""
    import sqlalchemy.exc  # comes with mlflow

    try:
        sqlalchemy.create_engine(uri).connect().close()
    except ModuleNotFoundError as error:
        return _missing("--database", error)
    except sqlalchemy.exc.ArgumentError:
        return "--database is not the URI of a database: it looks like postgresql://user@host/name."
    except sqlalchemy.exc.SQLAlchemyError as error:
        shown = sqlalchemy.make_url(uri).render_as_string(hide_password=True)
        return f"The database {shown} cannot be used: {_first_line(getattr(error, 'orig', error))}"
    return ""


def _of_artifacts(uri: str) -> str:
    if not uri:
        return ""
    from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository  # takes seconds

    try:
        get_artifact_repository(uri).list_artifacts()
    except ModuleNotFoundError as error:
        return _missing("--artifacts", error)
    except Exception as error:  # each kind of place has errors of its own
        return f"Models cannot be kept in {uri}: {_first_line(error)}"
    return ""


def _missing(option: str, error: ModuleNotFoundError) -> str:
    return (
        f"{error.name} is not installed, and {option} needs it. For PostgreSQL and S3, run "
        "`python install.py --extra storage` in the project."
    )


def _first_line(error: BaseException | str) -> str:
    return str(error).strip().partition("\n")[0]
