global using FhirEmr.BillingBridge.X12;
