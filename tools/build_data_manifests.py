"""Write ``data_manifests/``: descriptions and published facts of the datasets, and the demo's manifest.

    python tools/build_data_manifests.py [FOLDER]

Run it after a change to `facemotion.ingestion.facts`, to a dataset's ``INFO`` or to the version; a test compares.
"""

import argparse
from pathlib import Path

from facemotion.pipeline.publishing import write_all

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", default=Path(__file__).parents[1] / "data_manifests")
    write_all(parser.parse_args().folder)
