"""`compile` what Django reads, or `update` the catalogues from code and templates and say what is missing."""

import argparse
import sys

from babel.messages.catalog import Catalog

from oms.core.translating.catalogues import catalogue_files, compile_catalogues, read_catalogue, write_catalogue


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m oms.core.translating", description=__doc__)
    parser.add_argument("what", choices=["compile", "update"])
    if parser.parse_args().what == "update":
        update_catalogues()
    compile_catalogues()


def update_catalogues() -> None:
    # Needs Django and the templates of the admin; compiling does with less.
    from oms.core.translating.extracting import extracted_catalogue

    for path in catalogue_files():
        needed = extracted_catalogue(path.parts[-3])
        catalogue = read_catalogue(path)
        catalogue.update(needed, no_fuzzy_matching=True, update_header_comment=False)
        write_catalogue(path, catalogue)
        _report(path.parts[-3], catalogue, needed)


def _report(language: str, catalogue: Catalog, needed: Catalog) -> None:
    from oms.core.translating.checking import shortcomings

    found = shortcomings(catalogue, needed)
    for sentence in found:
        sys.stdout.write(f"{language}: {sentence}\n")
    sys.stdout.write(f"{language}: {len(needed)} messages, {len(found)} to see to.\n")


if __name__ == "__main__":
    main()
