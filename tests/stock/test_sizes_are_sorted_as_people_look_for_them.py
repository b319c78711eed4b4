from stock.sizes import size_order


def test_letters_as_they_grow_then_numbers_as_they_count() -> None:
    sizes = ["Unique", "10", "L", "9", "XL", "38,5", "XS", "m", "S", "38"]
    assert sorted(sizes, key=size_order) == ["XS", "S", "m", "L", "XL", "9", "10", "38", "38,5", "Unique"]
