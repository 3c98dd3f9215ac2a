"""The client: no global state."""


def log_comparison(table, store, hypothesis):
    from mlflow import MlflowClient

    client = MlflowClient(tracking_uri=store)
    experiment = client.create_experiment("four models and a baseline")
    for row in table.to_dicts():
        run = client.create_run(experiment, run_name=row["model"], tags={"hypothesis": hypothesis})
        client.log_param(run.info.run_id, "model", row["model"])
        for metric in ("accuracy", "gain", "low", "high"):
            client.log_metric(run.info.run_id, metric, row[metric])
        client.set_terminated(run.info.run_id)
