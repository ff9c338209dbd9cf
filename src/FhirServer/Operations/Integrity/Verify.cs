using System.Globalization;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Operations.Integrity;

/// <summary><c>$verify</c> of a resource, a type or the store: is everything as it must be?</summary>
/// <remarks>
/// Parameters: <c>_count</c> resources a call (20,000 unless told), <c>checkpoint</c> from the answer before, <c>repair</c> (POST only) to put
/// wrong index rows right. Answers Parameters: checked, findings, outcome (an OperationOutcome), checkpoint while there is more.
/// </remarks>
internal sealed class Verify(Verification verification)
{
    public async Task<FhirReply> HandleAsync(FhirRequest request, CancellationToken ct)
    {
        var (input, fault) = OperationInput.Read(request, "_count", "checkpoint", "repair");
        if (fault is not null)
            return FhirReply.Refuse(fault);
        var count = Verification.WindowSize;
        if (input["_count"] is { } asked && (!int.TryParse(asked, NumberStyles.None, CultureInfo.InvariantCulture, out count) || count is < 1 or > 1_000_000))
            return Invalid($"_count={asked} cannot be read: it is a number from 1 to 1000000.");
        if (input["repair"] is not (null or "true" or "false"))
            return Invalid("repair is 'true' or 'false'.");
        var repair = input["repair"] == "true";
        if (repair && request.Method == "GET")
            return FhirReply.Refuse(FhirFault.Of(FaultKind.MethodNotAllowed, "repair=true changes the index, so it is called with POST."));
        VerifyPoint? from = null;
        if (input["checkpoint"] is { } text && (from = Point(text)) is null)
            return Invalid($"checkpoint={text} is none that an answer gave, such as Patient.1200.");

        var target = request.Target;
        var key = target.Id is null ? (ResourceKey?)null : target.Key;
        var page = await verification.RunAsync(target.Type, key, from, count, repair, ct);
        var answer = new Parameters();
        answer.Parameter.Add(new() { Name = "checked", Value = new Integer((int)page.Checked) });
        answer.Parameter.Add(new() { Name = "findings", Value = new Integer(page.Findings.Count) });
        answer.Parameter.Add(new() { Name = "outcome", Resource = Outcome(page) });
        if (page.Next is { } next)
            answer.Parameter.Add(new() { Name = "checkpoint", Value = new FhirString(string.Create(CultureInfo.InvariantCulture, $"{next.Type}.{next.Sid}")) });
        return FhirReply.Of(answer);
    }

    private static OperationOutcome Outcome(VerifyPage page)
    {
        var outcome = new OperationOutcome();
        foreach (var finding in page.Findings)
            outcome.Issue.Add(new()
            {
                Severity = finding.IsRepaired ? OperationOutcome.IssueSeverity.Warning : OperationOutcome.IssueSeverity.Error,
                Code = OperationOutcome.IssueType.Incomplete,
                Details = new() { Coding = [new("urn:fhiremr:verify", finding.Code)], Text = finding.Text },
                Diagnostics = finding.IsRepaired ? finding.Text + " Repaired." : finding.Text,
            });
        if (outcome.Issue.Count == 0)
            outcome.Issue.Add(new() { Severity = OperationOutcome.IssueSeverity.Information, Code = OperationOutcome.IssueType.Informational, Diagnostics = $"{page.Checked} resources are as they must be." });
        return outcome;
    }

    private static VerifyPoint? Point(string text) =>
        text.Split('.') is [var type, var sid] && ResourceTypes.Exists(type) && long.TryParse(sid, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? new(type, number) : null;

    private static FhirReply Invalid(string text) => FhirReply.Refuse(FhirFault.Of(FaultKind.Invalid, text, code: "value"));
}
