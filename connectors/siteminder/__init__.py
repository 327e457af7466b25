"""SiteMinder pmsXchange: OpenTravel over SOAP, pulled or pushed."""
