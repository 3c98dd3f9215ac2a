"""Where worlds lie on disk: each part is built when it is first asked for, and read as Parquet from then on.

The market comes first; customers and credit follow from it and lie beside it, as `data/<part>-<seed>-<generation>/`.
Building needs `cardshop.world.truth`, the part that knows how the world works. Reading does not, so a sandbox
without the truth can still load a world that was built before.
"""

import hashlib
import importlib
import shutil
import tempfile
import tomllib
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import polars as pl

from cardshop.world.species import species

PARTS = {
    "market": ("species", "sets", "cards", "listings", "sales"),
    "customers": ("customers", "events"),
    "credit": ("applications",),
}
"""The parts of a world, and the tables in each."""
TABLES = tuple(table for tables in PARTS.values() for table in tables)
PROJECT = Path(__file__).resolve().parents[2]
DATA = PROJECT / "data"
CHECKSUMS = PROJECT / "datasets" / "checksums.toml"


class NotBuilt(RuntimeError):
    """The world is not on disk and cannot be built here; the message says what to run."""


def load(table: str, seed: int = 0, folder: Path | None = None) -> pl.DataFrame:
    """One table of the world `seed`; the first call builds its part (seconds), later ones read Parquet.

    `folder` is where worlds are kept (default: `data/` of the project). Raises ValueError for an unknown
    table or a negative seed, and NotBuilt where the world does not exist and the generator is absent.
    """
    if table not in TABLES:
        raise ValueError(f"There is no table {table!r}; the world has {', '.join(TABLES)}.")
    if table == "species":
        return species()
    part = next(part for part, tables in PARTS.items() if table in tables)
    return pl.read_parquet(built(seed, folder, part) / f"{table}.parquet")


def delivery(seed: int = 0, folder: Path | None = None) -> pl.DataFrame:
    """The new card set that arrives in the world `seed`, as the supplier sent it: other names, dtypes, flaws."""
    return pl.read_parquet(built(seed, folder) / "delivery.parquet")


def raw_export(seed: int = 0, folder: Path | None = None) -> Path:
    """The folder with the shop system's monthly sales exports: CSV files as messy as the real ones are."""
    return built(seed, folder) / "raw"


def stream_sales(
    path: Path,
    rows: int,
    seed: int,
    cards: pl.DataFrame,
    batch: int = 500_000,
    advance: Callable[[int], None] | None = None,
) -> Path:
    """Write a sales table of `rows` rows to the Parquet file `path`, `batch` rows at a time.

    Memory stays constant however many rows are asked for. The same `seed`, `rows`, `cards` and `batch` give the
    same rows. `listing_id` leads nowhere: no listings lie behind these sales. `advance` is told the size of each
    batch written. Returns `path`; nothing is left there if writing fails.
    """
    return _truth("stream").stream_sales(Path(path), rows, seed, cards, batch, advance)


def stream_events(
    folder: Path, customers: int, seed: int, advance: Callable[[int], None] | None = None
) -> tuple[Path, Path]:
    """Write `customers-large.parquet` and `events-large.parquet` into `folder`: a world's log with more customers.

    A customer has about 36 events. They are simulated and written week by week, so memory grows with the customers
    and not with the length of the log. The same `seed` and `customers` give the same rows. `advance` is told the
    number of events in each week written. Returns both paths; neither file is left there if writing fails.
    """
    return _truth("stream").stream_events(Path(folder), customers, seed, advance)


def sample(name: str, seed: int = 0) -> pl.DataFrame:
    """A small table of the shop's daily work: "offers", "adverts", "parcels", "scans" or "demand".

    Drawn anew for each `seed`; nothing is written to disk. Raises ValueError for an unknown name.
    """
    truth = _truth("samples")
    if name not in truth.SAMPLES:
        raise ValueError(f"There is no sample {name!r}; there are {', '.join(truth.SAMPLES)}.")
    process, rows = truth.SAMPLES[name]
    return process(_truth("randomness").generator(seed, "samples", name))(rows)


def best_possible(cards: pl.DataFrame) -> float:
    """The accuracy that no classifier of card types can exceed on these cards, on the average; the world knows it."""
    return float(_truth("cards").bayes_posterior(cards).max(axis=1).mean())


def home(seed: int = 0, folder: Path | None = None, part: str = "market") -> Path:
    """Where this part of the world `seed` lies, whether or not it has been built.

    The name carries the start of the recorded digest of world 0: where the generator has changed, an older
    build is not mistaken for the present one.
    """
    try:
        generation = recorded(part)["0"][:8]
    except (OSError, KeyError) as error:
        raise NotBuilt(
            f"{CHECKSUMS} is missing or damaged, so no world can be told from another: {error}"
        ) from None
    return Path(folder or DATA) / f"{part}-{seed}-{generation}"


def built(seed: int = 0, folder: Path | None = None, part: str = "market") -> Path:
    """The folder of this part of the world `seed`, built if it is not there. Two processes may ask at once."""
    if seed < 0:
        raise ValueError(f"A seed is a whole number from 0 up; {seed} is negative.")
    place = home(seed, folder, part)
    if place.is_dir():
        return place
    truth = _truth("build", part)
    place.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{part}-{seed}-", dir=place.parent))
    try:
        truth.build(part, seed, draft)
        draft.chmod(0o755)
        draft.rename(place)
    except OSError:
        if not place.is_dir():
            raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return place


def digest(seed: int = 0, folder: Path | None = None, part: str = "market") -> str:
    """Hex SHA-256 of this part of the world `seed`: tables and delivery as canonical CSV, raw files as they are."""
    total = hashlib.sha256()
    for table in PARTS[part]:
        total.update(f"{table}\n{canonical_csv(load(table, seed, folder))}".encode())
    if part == "market":
        total.update(f"delivery\n{canonical_csv(delivery(seed, folder))}".encode())
        for path in sorted(raw_export(seed, folder).iterdir()):
            total.update(path.name.encode() + b"\n" + path.read_bytes())
    return total.hexdigest()


def recorded(section: str) -> dict[str, str]:
    """What `datasets/checksums.toml` records: of each part the digests by seed, of `files` the SHA-256 by name."""
    return tomllib.loads(CHECKSUMS.read_text(encoding="utf-8"))[section]


def canonical_csv(table: pl.DataFrame) -> str:
    """`table` as CSV text that is the same on every machine: four decimals, ISO dates, `\\n` line ends."""
    return table.write_csv(
        float_precision=4,
        datetime_format="%Y-%m-%dT%H:%M:%S%.6f",
        date_format="%Y-%m-%d",
        line_terminator="\n",
    )


def _truth(module: str, part: str = "market") -> ModuleType:
    try:
        return importlib.import_module(f"cardshop.world.truth.{module}")
    except ModuleNotFoundError as error:
        if error.name is None or not error.name.startswith("cardshop.world.truth"):
            raise
        raise NotBuilt(
            "This world has not been built, and the part of cardshop that builds worlds is not present here "
            f"(it is withheld where submissions are graded). Build it first with `cardshop world build --part {part}`, "
            "or take the table as an argument."
        ) from None
