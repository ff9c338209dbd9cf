namespace FhirEmr.FhirServer.Security.Access.Scopes;

/// <summary>Whose rights a scope draws on (SMART App Launch 2.2, scopes for requesting FHIR resources).</summary>
internal enum ScopeContext
{
    /// <summary>The record of the patient in context.</summary>
    Patient,

    /// <summary>Whatever the user may reach.</summary>
    User,

    /// <summary>Whatever the client itself may reach.</summary>
    System,
}
