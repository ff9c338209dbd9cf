using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Scrubbing;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge;

/// <summary>A warning that a person let stand, kept as a completed Task of the claim with the reason as its note (billing spec 1.3).</summary>
internal static class WarningTask
{
    private const string Code = "let-stand";
    private const string Rule = "rule";
    private const string Warning = "warning";

    public static string Query(string claimId) => $"focus=Claim/{claimId}&code={BillingUrls.TaskCode}|{Code}";

    public static FhirTask Of(Claim claim, ScrubFinding warning, string reason, string by, DateTimeOffset now) => new()
    {
        Status = FhirTask.TaskStatus.Completed,
        Intent = FhirTask.TaskIntent.Order,
        Code = new CodeableConcept(BillingUrls.TaskCode, Code),
        Description = $"Warning {warning.RuleId} let stand",
        Focus = new ResourceReference($"Claim/{claim.Id}"),
        For = claim.Patient is null ? null : new ResourceReference(claim.Patient.Reference),
        AuthoredOnElement = new FhirDateTime(now),
        LastModifiedElement = new FhirDateTime(now),
        Note = [new Annotation { Author = new FhirString(by), TimeElement = new FhirDateTime(now), Text = reason }],
        Input = [Input(Rule, warning.RuleId), Input(Warning, warning.Message)],
    };

    public static IReadOnlyList<Acknowledgement> Read(IEnumerable<FhirTask> tasks) =>
    [
        .. from task in tasks
           where task.Status == FhirTask.TaskStatus.Completed
           let note = task.Note.FirstOrDefault()
           where note is not null
           select new Acknowledgement(
               Value(task, Rule), Value(task, Warning), note.Text ?? "", (note.Author as FhirString)?.Value ?? "unknown", DateOfService.From(task.AuthoredOn) ?? DateOnly.MinValue),
    ];

    private static FhirTask.ParameterComponent Input(string code, string text) =>
        new() { Type = new CodeableConcept(BillingUrls.TaskCode, code, null, code), Value = new FhirString(text) };

    private static string Value(FhirTask task, string code) =>
        (task.Input.Find(i => i.Type.HasAny(code))?.Value as FhirString)?.Value ?? "";
}
