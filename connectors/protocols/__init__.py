"""What several vendors speak: webhook signatures and, later, OpenTravel, SOAP and OAuth2."""
