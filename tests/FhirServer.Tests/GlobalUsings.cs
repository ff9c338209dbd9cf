global using Interaction = FhirEmr.FhirServer.Security.Access.Interactions;
