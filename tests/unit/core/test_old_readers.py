"""Tables are written so that readers of some years ago read them, and those of earlier versions are still read."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from facemotion import manifest
from facemotion.alignment import store
from facemotion.errors import ManifestError
from facemotion.sharing.table import FIELDS

LENGTHS = {"region": 4, "box": 4, "landmarks": 10, "similarity": 6}


def rows(*regions: object) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "sample_id": [f"{number:02}" for number in range(len(regions))],
            "dataset": "folder",
            "subject": "a",
            "sequence": "a",
            "frame": 0,
            "role": "expressive",
            "expression": "anger",
            "source": "a.png",
            "region": list(regions),
        }
    )


@pytest.mark.parametrize("schema", [manifest.SCHEMA, store.FACES, pa.schema(list(FIELDS.items()))])
def test_no_column_is_a_list_of_fixed_length(schema):
    """Pyarrow 15 to 17 refuses those with a missing value: "Expected all lists to be of size=4"."""
    assert not [field.name for field in schema if pa.types.is_fixed_size_list(field.type)]


def test_a_missing_region_comes_back_missing(tmp_path):
    table = rows([1, 2, 3, 4.5], None)
    manifest.write(tmp_path / "m.parquet", table, header={})
    read, _ = manifest.read(tmp_path / "m.parquet")
    np.testing.assert_array_equal(read["region"][0], np.array([1, 2, 3, 4.5], np.float32))
    assert read["region"][0].dtype == np.float32
    assert read["region"][1] is None


def test_a_manifest_of_an_earlier_version_is_read_and_has_the_same_digest(tmp_path):
    table = manifest.validate(rows([1, 2, 3, 4.5], None))
    place = manifest.SCHEMA.get_field_index("region")
    earlier = manifest.SCHEMA.set(place, pa.field("region", pa.list_(pa.float32(), 4)))
    pq.write_table(pa.Table.from_pandas(table, schema=earlier, preserve_index=False), tmp_path / "m.parquet")
    read, _ = manifest.read(tmp_path / "m.parquet")
    assert manifest.digest(read) == manifest.digest(table)


@pytest.mark.parametrize("region", [[1, 2, 3], [1, 2, 3, 4, 5], [], 7.5])
def test_a_region_of_another_length_is_named(region):
    with pytest.raises(ManifestError, match=r"row '01' has the region .*; expected x, y, width, height"):
        manifest.validate(rows(None, region))


def test_values_have_the_lengths_that_they_had():
    assert {name for name in LENGTHS if name != "region"} == {
        field.name for field in store.FACES if pa.types.is_list(field.type)
    }
