using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Claims;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Denials;

/// <summary>The facts of a denial or appeal Task in <c>Task.input</c>, beside its denied amounts.</summary>
public static class DenialInputs
{
    internal const string PayerCode = "payer";
    internal const string RenderingCode = "rendering";
    internal const string PlaceCode = "place";
    internal const string CorrectByCode = "correct-by";
    internal const string AppealByCode = "appeal-by";
    internal const string RemittedCode = "remitted";
    internal const string NextStepCode = "next-step";
    internal const string PastSuccessCode = "past-success";
    internal const string CaughtByCode = "caught-by";
    internal const string LevelCode = "appeal-level";
    internal const string BasisCode = "basis";
    internal const string LetterCode = "letter";
    internal const string AttachmentCode = "attachment";

    internal static FhirTask.ParameterComponent Of(string code, DataType value) =>
        new() { Type = new CodeableConcept(BillingUrls.TaskCode, code, null, code.Replace('-', ' ')), Value = value };

    public static string? Payer(FhirTask task) => Reference(task, PayerCode);

    public static string? Rendering(FhirTask task) => Reference(task, RenderingCode);

    /// <summary>Facility reference or place of service code.</summary>
    public static string? Place(FhirTask task) => Value(task, PlaceCode) switch
    {
        ResourceReference reference => reference.Reference,
        Code code => code.Value,
        _ => null,
    };

    /// <summary>Day of the remittance, from which limits run.</summary>
    public static DateOnly? Remitted(FhirTask task) => Day(task, RemittedCode);

    public static DenialLimits Limits(FhirTask task) => new(Day(task, CorrectByCode), Day(task, AppealByCode));

    /// <summary>Code of the step suggested.</summary>
    public static string? NextStep(FhirTask task) => (Value(task, NextStepCode) as CodeableConcept)?.Coding.FirstOrDefault()?.Code;

    public static int? Level(FhirTask task) => (Value(task, LevelCode) as PositiveInt)?.Value;

    /// <summary>Reference of the letter's DocumentReference.</summary>
    public static string? Letter(FhirTask task) => Reference(task, LetterCode);

    /// <summary>References of what goes along with the letter.</summary>
    public static IEnumerable<string> Attachments(FhirTask task) =>
        task.Input.Where(i => Is(i, AttachmentCode)).Select(i => (i.Value as ResourceReference)?.Reference).OfType<string>();

    public static decimal AtStakeUsd(FhirTask task) => (Value(task, "value-at-stake") as Money)?.Value ?? 0m;

    public static DateOnly? Deadline(FhirTask task) => DateOfService.From(task.Restriction?.Period?.End);

    private static DateOnly? Day(FhirTask task, string code) => DateOfService.From((Value(task, code) as Date)?.Value);

    private static string? Reference(FhirTask task, string code) => (Value(task, code) as ResourceReference)?.Reference;

    private static DataType? Value(FhirTask task, string code) => task.Input.Find(i => Is(i, code))?.Value;

    private static bool Is(FhirTask.ParameterComponent input, string code) =>
        input.Type?.Coding.Exists(c => c.System == BillingUrls.TaskCode && c.Code == code) == true;
}
