import base64
from collections.abc import Callable
from pathlib import Path

import pytest

from settings import Settings, SettingsError, load
from settings.load import ROOT, VARIABLES

KEY = bytes(range(250, 256)) * 5 + b"ab"  # its base64 has the characters in which the two alphabets differ


def test_an_empty_environment_gives_the_embedded_default() -> None:
    assert load({}) == Settings()
    assert load({}).database_url is None
    assert load({}).data_dir == ROOT / ".data"


def test_every_variable_reaches_its_setting() -> None:
    settings = load(
        {
            "NIGHT_AUDIT_DATABASE_URL": "postgresql://audit:secret@db/night_audit",
            "NIGHT_AUDIT_DATA_DIR": "/srv/night audit",
            "NIGHT_AUDIT_SECRET_KEY": base64.b64encode(KEY).decode(),
            "NIGHT_AUDIT_PREFECT_PORT": "14200",
            "NIGHT_AUDIT_GATEWAY_PORT": "18080",
            "NIGHT_AUDIT_SANDBOX_PORT": "18090",
            "NIGHT_AUDIT_ALLOW_PRIVATE_HOSTS": "1",
        }
    )
    assert settings == Settings(
        database_url="postgresql://audit:secret@db/night_audit",
        data_dir=Path("/srv/night audit"),
        secret_key=KEY,
        prefect_port=14200,
        gateway_port=18080,
        sandbox_port=18090,
        allow_private_hosts=True,
    )


def test_an_empty_variable_counts_as_unset() -> None:
    assert load(dict.fromkeys(VARIABLES, "")) == Settings()


def test_a_relative_data_folder_is_meant_from_the_project_not_from_where_one_stands(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    assert load({"NIGHT_AUDIT_DATA_DIR": "elsewhere"}).data_dir == ROOT / "elsewhere"


def test_a_misspelt_name_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(SettingsError, match=r"NIGHT_AUDIT_DATABASE: not a setting.*NIGHT_AUDIT_DATABASE_URL"):
        load({"NIGHT_AUDIT_DATABASE": "postgresql://db"})


def test_other_programs_variables_are_left_alone() -> None:
    assert load({"PATH": "/bin", "DATABASE_URL": "mysql://x"}) == Settings()


@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_a_key_may_be_in_either_base64(encode: Callable[[bytes], bytes]) -> None:
    assert load({"NIGHT_AUDIT_SECRET_KEY": encode(KEY).decode()}).secret_key == KEY


@pytest.mark.parametrize(
    ("name", "value", "advice"),
    [
        ("NIGHT_AUDIT_DATABASE_URL", "mysql://root:hunter2@db/x", "postgresql://user:password@host"),
        ("NIGHT_AUDIT_SECRET_KEY", "hunter2", "openssl rand -base64 32"),
        ("NIGHT_AUDIT_SECRET_KEY", base64.b64encode(b"hunter2" * 3).decode(), "32 bytes"),
        ("NIGHT_AUDIT_GATEWAY_PORT", "http", "from 1 to 65535"),
        ("NIGHT_AUDIT_GATEWAY_PORT", "0", "from 1 to 65535"),
        ("NIGHT_AUDIT_GATEWAY_PORT", "65536", "from 1 to 65535"),
        ("NIGHT_AUDIT_GATEWAY_PORT", "\u0663\u0664", "from 1 to 65535"),
        ("NIGHT_AUDIT_ALLOW_PRIVATE_HOSTS", "perhaps", "must be 1 or 0"),
    ],
)
def test_a_wrong_value_is_refused_with_what_it_should_be_and_is_not_shown(name: str, value: str, advice: str) -> None:
    with pytest.raises(SettingsError, match=name) as refused:
        load({name: value})
    assert advice in str(refused.value)
    assert value not in str(refused.value) or value == "0"


def test_settings_do_not_show_their_secrets() -> None:
    shown = repr(Settings(database_url="postgresql://audit:hunter2@db/x", secret_key=b"hunter2" * 4))
    assert "hunter2" not in shown
