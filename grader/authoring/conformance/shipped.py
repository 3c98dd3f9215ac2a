import marimo

app = marimo.App()

with app.setup:
    from pathlib import Path

    import numpy as np
    import pandas as pd
    import polars as pl
    from sklearn.linear_model import LinearRegression


@app.function
def total(numbers: list[int]) -> int:
    """Add up."""
    raise NotImplementedError("total")


@app.function
def double(table: pl.DataFrame) -> pl.DataFrame:
    """The table with its column `a` doubled."""
    raise NotImplementedError("double")


@app.function
def average(numbers: list[int]) -> float:
    """The mean; 0 of nothing."""
    raise NotImplementedError("average")


@app.function
def longest(folder: Path) -> str:
    """The name of the longest text in a folder, the first of several."""
    raise NotImplementedError("longest")


@app.function
def fit(xs: np.ndarray, ys: np.ndarray) -> LinearRegression:
    """A fitted line."""
    raise NotImplementedError("fit")


@app.function
def describe(word: str) -> dict:
    """How often each letter occurs, its places, and whether the word reads the same backwards."""
    raise NotImplementedError("describe")


if __name__ == "__main__":
    app.run()
