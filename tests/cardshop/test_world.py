import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq
import pytest
from polars.testing import assert_frame_equal

from cardshop import contracts
from cardshop.world import PARTS, load, raw_export, store, stream_sales
from cardshop.world.truth import build

PROJECT = Path(__file__).resolve().parents[2]


def python(code: str, cwd: Path, path: Path = PROJECT, **environment: str) -> subprocess.CompletedProcess:
    given = {"PATH": os.environ["PATH"], "PYTHONPATH": str(path), **environment}
    return subprocess.run([sys.executable, "-c", code], cwd=cwd, env=given, capture_output=True, text=True)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Where two processes with different surroundings built all parts of world 0 at the same time."""
    place = tmp_path_factory.mktemp("worlds")
    code = (
        "from pathlib import Path; from cardshop.world import PARTS, digest; "
        f"print(*(digest(0, Path({str(place)!r}), part) for part in PARTS))"
    )
    with ThreadPoolExecutor() as pool:
        runs = [
            pool.submit(python, code, place, PYTHONHASHSEED="1", TZ="Asia/Tokyo", LC_ALL="C"),
            pool.submit(python, code, PROJECT, PYTHONHASHSEED="2", TZ="America/New_York"),
        ]
    outputs = [run.result() for run in runs]
    assert [run.returncode for run in outputs] == [0, 0], outputs[0].stderr + outputs[1].stderr
    recorded = " ".join(store.recorded(part)["0"] for part in PARTS)
    assert {run.stdout.strip() for run in outputs} == {recorded}
    return place


def test_the_digest_does_not_depend_on_surroundings_and_nothing_is_left_over(folder):
    homes = {store.home(0, folder, part).name for part in PARTS}
    assert {path.name for path in folder.iterdir()} == homes


def test_a_part_is_built_when_it_is_asked_for(tmp_path):
    load("sets", 1, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [store.home(1, tmp_path).name]
    load("applications", 1, tmp_path)
    assert {path.name.partition("-")[0] for path in tmp_path.iterdir()} == {"market", "credit"}


def test_what_is_read_is_what_was_generated(folder, world):
    for name, table in world.items():
        assert_frame_equal(load(name, 0, folder), table)


def test_worlds_differ_by_seed_but_not_in_their_properties(world):
    other = build.tables(1)
    assert not other["cards"].equals(world["cards"])
    assert other["cards"].schema == world["cards"].schema
    assert abs(other["sales"].height / world["sales"].height - 1) < 0.1


@pytest.mark.parametrize("seed", [0, 1, 7, 2**40])
def test_contracts_hold(seed):
    tables = build.tables(seed)
    contracts.Sets.validate(tables["sets"])
    contracts.Cards.validate(tables["cards"])
    contracts.Listings.validate(tables["listings"])
    contracts.Sales.validate(tables["sales"])
    contracts.check_references(**tables)
    sold = tables["sales"].join(tables["listings"], on="listing_id").join(tables["cards"], on="card_id")
    assert (sold["sold_at"] >= sold["listed_at"]).all()
    assert (sold["listed_at"].dt.date() >= sold["released_on"]).all()


def test_a_lost_reference_is_named(world):
    with pytest.raises(contracts.BrokenReference, match="cards.set_code.*KND"):
        contracts.check_references(**{**world, "sets": world["sets"].filter(pl.col("set_code") != "KND")})


def test_a_sandbox_without_the_truth_reads_what_was_built_and_says_what_it_cannot_do(folder, tmp_path):
    for part in ("cardshop", "datasets"):
        shutil.copytree(
            PROJECT / part, tmp_path / part, ignore=shutil.ignore_patterns("truth", "__pycache__")
        )
    code = (
        "from pathlib import Path\nfrom cardshop.world import NotBuilt, load\n"
        "for table in ('cards', 'events', 'applications'):\n"
        "    try:\n        print(load(table, {}, Path({!r})).height)\n"
        "    except NotBuilt as error:\n        print(error)"
    )
    there = python(code.format(0, str(folder)), tmp_path, tmp_path)
    assert there.stdout.split() == [
        str(load(table, 0, folder).height) for table in ("cards", "events", "applications")
    ]
    absent = python(code.format(5, str(folder)), tmp_path, tmp_path).stdout.splitlines()
    for sentence, part in zip(absent, PARTS, strict=True):
        assert sentence.startswith("This world has not been built")
        assert f"cardshop world build --part {part}" in sentence


def test_unknown_tables_and_seeds_get_a_sentence():
    with pytest.raises(ValueError, match="There is no table 'trades'; the world has species, sets"):
        load("trades")
    with pytest.raises(ValueError, match="-3 is negative"):
        load("cards", -3)


def test_the_raw_export_holds_every_sale_in_both_dialects(folder):
    files = sorted(raw_export(0, folder).glob("*.csv"))
    contents = [path.read_bytes() for path in files]
    assert {content.startswith(b"sale_id;") for content in contents} == {True, False}
    ids = [line[:8].decode() for content in contents for line in content.splitlines()[1:]]
    assert set(ids) == set(load("sales", 0, folder)["sale_id"])
    assert len(files) <= len(ids) - len(set(ids)) + 1 <= 4 * len(files)


def test_streamed_sales_keep_the_contract_whatever_the_batch(cards, tmp_path):
    path = stream_sales(tmp_path / "sales.parquet", 2_500, 3, cards, batch=1_000)
    sales = pl.read_parquet(path)
    contracts.Sales.validate(sales)
    assert sales.height == 2_500 and pq.ParquetFile(path).num_row_groups == 3
    assert sales["sold_at"].is_sorted()
    released = sales.join(cards, on="card_id", maintain_order="left")["released_on"]
    assert (sales["sold_at"].dt.date() >= released).all()
    assert pl.read_parquet(stream_sales(tmp_path / "none.parquet", 0, 3, cards)).schema == sales.schema
    with pytest.raises(ValueError, match="-1 rows"):
        stream_sales(tmp_path / "less.parquet", -1, 3, cards)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["none.parquet", "sales.parquet"]
