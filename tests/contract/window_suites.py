"""What connectors owe that tell bookings by modification time, but neither by a cursor of ours nor by revisions."""

from connectors.ports import Ports
from tests.contract.booking_suites import ReservationSourceContract
from tests.contract.scripted_server import ScriptedServer


class WindowedReservationsContract(ReservationSourceContract):
    """Reservations by modification time; how pages follow each other is the vendor's own and tested with it."""

    test_pages_follow_the_cursor_and_add_up = None  # type: ignore[assignment]
    test_references_are_unique_over_all_pages = None  # type: ignore[assignment]
    test_a_cursor_that_leads_in_a_circle_is_noticed = None  # type: ignore[assignment]
    test_a_later_page_that_is_cut_off_ends_the_pull = None  # type: ignore[assignment]
    test_the_window_goes_out_with_its_zone = None  # type: ignore[assignment]
    # Its versions are stamps of whole seconds in a stated zone.
    test_a_revision_is_the_version = None  # type: ignore[assignment]
    test_without_a_revision_the_modification_counts_in_microseconds = None  # type: ignore[assignment]
    test_a_stamp_without_a_zone_is_refused_unless_one_is_stated = None  # type: ignore[assignment]

    def test_what_was_told_is_counted(self, server: ScriptedServer, ports: Ports) -> None:
        server.on(self.path, self.answer([self.told(1), self.told(2)], total=2))

        (page,) = self.pull(server, ports)

        assert (page.row_count, page.expected_count, page.is_last) == (2, 2, True)
