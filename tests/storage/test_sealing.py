"""Secrets at rest: they open with the right key in the right row, and nowhere else."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.sealing import Keys, Sealed, SealError, house_keys, key_id, seal, unseal

OLD, NEW = bytes(range(32)), bytes(range(32, 64))
ROW = ("ops.integrations", "pms", "city-hotel")


@given(st.binary(max_size=300))
def test_what_was_sealed_opens_again(plain: bytes) -> None:
    sealed = seal(Keys(OLD), plain, *ROW)
    assert unseal(Keys(OLD), sealed, *ROW) == plain
    assert len(plain) < 8 or plain not in sealed.box


def test_sealing_twice_gives_two_different_boxes() -> None:
    assert seal(Keys(OLD), b"secret", *ROW).box != seal(Keys(OLD), b"secret", *ROW).box


@pytest.mark.parametrize(
    "row",
    [
        ("ops.integrations", "pms", "other"),
        ("ops.tokens", "pms", "city-hotel"),
        ("ops.integrations", "pms city-hotel", ""),
        ("ops.integrations", "pms"),
    ],
)
def test_a_value_moved_to_another_row_does_not_open(row: tuple[str, ...]) -> None:
    with pytest.raises(SealError, match="changed or moved"):
        unseal(Keys(OLD), seal(Keys(OLD), b"secret", *ROW), *row)


def test_a_changed_or_cut_box_does_not_open() -> None:
    sealed = seal(Keys(OLD), b"secret", *ROW)
    for box in (sealed.box[:-1], sealed.box[:-1] + bytes([sealed.box[-1] ^ 1]), b"", sealed.box[:12]):
        with pytest.raises(SealError):
            unseal(Keys(OLD), sealed._replace(box=box), *ROW)


def test_another_key_under_the_same_name_does_not_open() -> None:
    sealed = seal(Keys(OLD), b"secret", *ROW)
    with pytest.raises(SealError):
        unseal(Keys(NEW), Sealed(key_id(NEW), sealed.box), *ROW)


def test_a_former_key_still_opens_and_a_forgotten_one_is_named() -> None:
    sealed = seal(Keys(OLD), b"secret", *ROW)
    assert unseal(Keys(NEW, former=(OLD,)), sealed, *ROW) == b"secret"
    with pytest.raises(SealError, match=key_id(OLD)):
        unseal(Keys(NEW), sealed, *ROW)


def test_new_values_are_sealed_with_the_current_key() -> None:
    assert seal(Keys(NEW, former=(OLD,)), b"secret", *ROW).key_id == key_id(NEW) == Keys(NEW).current_id


def test_neither_a_name_nor_a_picture_of_the_keys_tells_them() -> None:
    assert OLD.hex() not in repr(Keys(OLD, former=(NEW,))) + key_id(OLD)
    assert str(OLD) not in repr(Keys(OLD, former=(NEW,)))
    assert repr(Keys(OLD)) == "Keys()"


def test_an_error_tells_the_row_and_not_the_secret() -> None:
    with pytest.raises(SealError) as caught:
        unseal(Keys(OLD), seal(Keys(OLD), b"hunter2", *ROW), "ops.integrations", "pms", "other")
    assert "pms other" in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_the_house_seals_with_the_key_its_settings_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIGHT_AUDIT_SECRET_KEY", base64.b64encode(OLD).decode())
    house_keys.cache_clear()
    try:
        assert house_keys() == Keys(OLD)
    finally:
        house_keys.cache_clear()
