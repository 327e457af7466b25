DROP INDEX core.ix_guest_links_guest_id;
