using System.Globalization;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Security.Audit;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Operations.Auditing;

/// <summary><c>AuditEvent/$verify</c>: is the server's own audit as it was written? For who holds <c>audit.verify</c>.</summary>
/// <remarks>Parameters <c>from</c> and <c>to</c> (instants) for a part. Answers Parameters: checked, findings, outcome (an OperationOutcome whose first issue names the first bad row).</remarks>
internal sealed class VerifyAudit(AuditVerifier verifier)
{
    public const string Right = "audit.verify";

    public static IEnumerable<Operation> List(IServiceProvider services) =>
        [new("verify", "urn:fhiremr:OperationDefinition:verify-audit", ["AuditEvent"], true, false, false, services.GetRequiredService<VerifyAudit>().HandleAsync) { Right = Right }];

    public async Task<FhirReply> HandleAsync(FhirRequest request, CancellationToken ct)
    {
        if (!request.Caller.Access.Holds(Right))
            return FhirReply.Refuse(FhirFault.Of(FaultKind.Forbidden, $"Verifying the audit takes the right {Right}."));
        var (input, fault) = OperationInput.Read(request, "from", "to");
        if (fault is not null)
            return FhirReply.Refuse(fault);
        if (Unreadable(input, "from", out var from) is { } noStart)
            return FhirReply.Refuse(noStart);
        if (Unreadable(input, "to", out var until) is { } noEnd)
            return FhirReply.Refuse(noEnd);

        var verdict = await verifier.RunAsync(from, until, ct);
        var answer = new Parameters();
        answer.Parameter.Add(new() { Name = "checked", Value = new FhirDecimal(verdict.Checked) });
        answer.Parameter.Add(new() { Name = "unsealed", Value = new FhirDecimal(verdict.Unsealed) });
        answer.Parameter.Add(new() { Name = "findings", Value = new FhirDecimal(verdict.Count) });
        answer.Parameter.Add(new() { Name = "outcome", Resource = Outcome(verdict) });
        return FhirReply.Of(answer);
    }

    private static FhirFault? Unreadable(OperationInput input, string name, out DateTimeOffset? instant)
    {
        instant = null;
        if (input[name] is not { } text)
            return null;
        if (!DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var read))
            return FhirFault.Of(FaultKind.Invalid, $"{name}={text} is no instant such as 2026-01-31T08:00:00Z.", code: "value");
        instant = read;
        return null;
    }

    private static OperationOutcome Outcome(AuditVerdict verdict)
    {
        var outcome = new OperationOutcome();
        foreach (var (code, text) in verdict.Findings)
            outcome.Issue.Add(new()
            {
                Severity = OperationOutcome.IssueSeverity.Error,
                Code = OperationOutcome.IssueType.Security,
                Details = new() { Coding = [new("urn:fhiremr:audit-finding", code)], Text = text },
                Diagnostics = text,
            });
        if (outcome.Issue.Count == 0)
            outcome.Issue.Add(new() { Severity = OperationOutcome.IssueSeverity.Information, Code = OperationOutcome.IssueType.Informational, Diagnostics = $"{verdict.Checked} rows are as they were written." });
        return outcome;
    }
}
