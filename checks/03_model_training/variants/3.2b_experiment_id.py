"""The experiment by its id."""

import mlflow


def log_comparison(table, store, hypothesis):
    mlflow.set_tracking_uri(store)
    number = mlflow.create_experiment("four models and a baseline")
    for row in table.to_dicts():
        with mlflow.start_run(experiment_id=number, run_name=row["model"]):
            mlflow.set_tags({"hypothesis": hypothesis})
            mlflow.log_param("model", row["model"])
            mlflow.log_metrics({key: value for key, value in row.items() if key != "model"})
