using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Validation;

namespace FhirEmr.FhirServer.Interactions.Writing;

/// <summary>The answer to a write: status, version, location, and the body that Prefer asks for (http.html#ops).</summary>
internal static class WriteReply
{
    public static FhirReply For(WriteOutcome outcome, Preference prefer)
    {
        if (prefer.Return == "OperationOutcome" && outcome.Kind is (WriteKind.Deleted or WriteKind.AlreadyGone))
            return new FhirReply(200) // a body needs another status than 204 (http.html#delete)
            {
                Json = Success(outcome.Kind == WriteKind.Deleted ? $"{outcome.Resource!.Key} deleted as version {outcome.Resource.Version}." : "There was nothing to delete."),
                Version = outcome.Resource?.Version,
                LastModified = outcome.Resource?.LastUpdated,
            };
        if (outcome.Resource is not { } resource)
            return new FhirReply(outcome.Status);

        var reply = new FhirReply(outcome.Status)
        {
            Version = resource.Version,
            LastModified = resource.LastUpdated,
            Location = outcome.Kind == WriteKind.Deleted ? null : $"{resource.Key}/_history/{resource.Version}",
        };
        if (outcome.Kind == WriteKind.Deleted)
            return reply;

        return prefer.Return switch
        {
            "minimal" => reply,
            "OperationOutcome" => reply with { Json = Told(outcome, $"{resource.Key} {(outcome.Kind == WriteKind.Created ? "created" : outcome.Kind == WriteKind.Updated ? "updated" : "unchanged")} as version {resource.Version}.") },
            _ => reply with { Json = resource.Json },
        };
    }

    /// <summary>What was done, and what validation has to say of it.</summary>
    private static ReadOnlyMemory<byte> Told(WriteOutcome written, string text)
    {
        if (written.Findings is not { } findings)
            return Success(text);
        var outcome = ValidationOutcome.Of(findings);
        outcome.Issue.Insert(0, new FaultIssue("informational", text).ToComponent("informational", Hl7.Fhir.Model.OperationOutcome.IssueSeverity.Information));
        return FhirFormats.ToJson(outcome);
    }

    public static ReadOnlyMemory<byte> Success(string text)
    {
        var outcome = new Hl7.Fhir.Model.OperationOutcome();
        outcome.Issue.Add(new FaultIssue("informational", text).ToComponent("informational", Hl7.Fhir.Model.OperationOutcome.IssueSeverity.Information));
        return FhirFormats.ToJson(outcome);
    }
}
