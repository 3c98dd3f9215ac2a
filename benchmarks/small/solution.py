import marimo

app = marimo.App()

with app.setup:
    import numpy as np
    import pandas as pd


@app.function
def clean_prices(sales: pd.DataFrame) -> pd.DataFrame:
    """Drop repeated sales, then fill each missing price with the median of its card."""
    ### BEGIN SOLUTION
    sales = sales.drop_duplicates("sale_id").reset_index(drop=True)
    median = sales.groupby("card_id")["price"].transform("median")
    return sales.assign(price=sales["price"].fillna(median))
    ### END SOLUTION


@app.function
def standardise(features: np.ndarray) -> np.ndarray:
    """Scale each column to mean 0 and standard deviation 1; a constant column becomes 0."""
    ### BEGIN SOLUTION
    deviation = features.std(axis=0)
    return (features - features.mean(axis=0)) / np.where(deviation == 0, 1, deviation)
    ### END SOLUTION


@app.function
def accuracy(labels: np.ndarray, predictions: np.ndarray) -> float:
    """Return the share of predictions that equal their label; 0.0 where there are none."""
    ### BEGIN SOLUTION
    return float((labels == predictions).mean()) if len(labels) else 0.0
    ### END SOLUTION


if __name__ == "__main__":
    app.run()
