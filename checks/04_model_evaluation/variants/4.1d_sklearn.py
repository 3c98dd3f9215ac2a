"""scikit-learn's metrics, and a lift of its own."""

import polars as pl
from sklearn.metrics import average_precision_score, log_loss


def lift(labels, scores):
    table = pl.DataFrame({"label": labels, "score": scores}).with_columns(pl.col("label").cast(float))
    tied = table.with_columns(pl.col("label").mean().over("score")).sort("score", descending=True)
    return tied["label"].head(100).mean() / table["label"].mean()


def choices(tables):
    plan = [
        ("fraud", "average precision", average_precision_score, max),
        ("churn", "lift", lift, max),
        ("credit", "log loss", log_loss, min),
    ]
    found = []
    for case, name, metric, best in plan:
        table = tables[case]
        values = {
            model: float(metric(table["label"].to_numpy(), table[model].to_numpy())) for model in ("a", "b")
        }
        found.append({"case": case, "metric": name, **values, "choice": best(values, key=values.get)})
    return found
