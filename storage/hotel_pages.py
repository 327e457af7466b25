"""What a hotel shows of itself, entered by a person (a derived write, law 2)."""

from sqlalchemy import Connection, select, update

from hotel.pages import HotelPage, Image
from storage.tables import core

_p = core.properties.c


def save_page(connection: Connection, property_id: str, page: HotelPage) -> bool:
    """Write a hotel's page; False where there is no such property."""
    values = page._asdict() | {"amenities": list(page.amenities), "images": [each._asdict() for each in page.images]}
    return connection.execute(update(core.properties).where(_p.property_id == property_id).values(values)).rowcount == 1


def hotel_page(connection: Connection, property_id: str) -> HotelPage | None:
    """Read a hotel's page; None where there is no such property."""
    query = select(*(_p[name] for name in HotelPage._fields)).where(_p.property_id == property_id)
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        return None
    images = tuple(Image(**image) for image in row["images"])
    return HotelPage(**dict(row) | {"amenities": tuple(row["amenities"]), "images": images})
