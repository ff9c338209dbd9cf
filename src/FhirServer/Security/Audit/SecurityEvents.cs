namespace FhirEmr.FhirServer.Security.Audit;

/// <summary>Sign-ins, tokens, roles, settings: what happens beside the FHIR API and belongs into the audit (security.md S-50).</summary>
internal sealed class SecurityEvents(AuditLog log)
{
    private const string Authentication = "110114", Alert = "110113";

    /// <param name="what">Which kind: <c>login</c>, <c>logout</c>, <c>lockout</c>, <c>token-issued</c>, <c>token-revoked</c>, <c>role-changed</c>, ...</param>
    /// <param name="reason">Class of the reason of a failure.</param>
    /// <param name="entity">What it was done to, such as <c>Practitioner/1</c>.</param>
    /// <param name="text">More in fixed words and ids: no name, no secret.</param>
    public Task RecordAsync(string what, bool isSuccess, AuditAgent agent, string? address, string? reason = null, string? entity = null, string? text = null) => log.RecordAsync(new()
    {
        Type = what is "login" or "logout" or "lockout" or "second-factor" ? Authentication : Alert,
        Subtype = what,
        Action = 'E',
        Outcome = isSuccess ? 0 : 4,
        Reason = reason,
        Agent = agent,
        Address = address,
        Entity = entity,
        Text = text,
    });
}
