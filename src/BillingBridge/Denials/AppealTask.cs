using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Ports;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Denials;

/// <summary>The appeal record (billing spec section 7): a Task <c>appeal</c> with level, deadline, basis, letter and attachments.</summary>
internal static class AppealTask
{
    public const string Code = "appeal";

    public static bool Is(FhirTask task) => task.Code?.HasAny(Code) == true;

    public static string Key(string claimId, int level) =>
        BillingKey.Of("appeal", claimId, level.ToString(System.Globalization.CultureInfo.InvariantCulture));

    /// <summary>How many appeals a claim has had.</summary>
    public static async Task<int> LevelsOfAsync(IFhirRecords records, string claimId, CancellationToken ct)
    {
        var level = 0;
        await foreach (var task in records.SearchAsync<FhirTask>($"focus=Claim/{claimId}&code={BillingUrls.TaskCode}|{Code}", ct))
            level = Math.Max(level, DenialInputs.Level(task) ?? 1);
        return level;
    }

    /// <param name="denial">The denial that is appealed.</param>
    /// <param name="level">1 and on.</param>
    /// <param name="deadline">Last day.</param>
    /// <param name="basis">Why the payer should decide otherwise, in a word or sentence.</param>
    /// <param name="letter">Reference of the letter, or its urn:uuid.</param>
    /// <param name="attachments">References of what goes along.</param>
    public static WorklistTask For(FhirTask denial, int level, DateOnly? deadline, string basis, string letter, IEnumerable<string> attachments)
    {
        var claimId = FhirReferences.IdOf(denial.Focus?.Reference, "Claim")!;
        List<FhirTask.ParameterComponent> inputs =
        [
            .. DeniedAmount.Of(denial).Select(d => d.ToInput()),
            DenialInputs.Of(DenialInputs.LevelCode, new PositiveInt(level)),
            DenialInputs.Of(DenialInputs.BasisCode, new FhirString(basis)),
            DenialInputs.Of(DenialInputs.LetterCode, new ResourceReference(letter)),
            .. attachments.Select(a => DenialInputs.Of(DenialInputs.AttachmentCode, new ResourceReference(a))),
            .. denial.Input.Where(i => i.Type?.HasAny(DenialInputs.PayerCode, DenialInputs.RenderingCode, DenialInputs.PlaceCode, DenialInputs.RemittedCode) == true)
                .Select(i => (FhirTask.ParameterComponent)i.DeepCopy()),
        ];
        return new WorklistTask
        {
            Code = Code,
            Key = Key(claimId, level),
            Focus = denial.Focus!.Reference,
            Reason = denial.ReasonReference?.Reference,
            Patient = denial.For?.Reference,
            Group = denial.PerformerType.FirstOrDefault()?.Coding.FirstOrDefault()?.Code,
            Description = $"Appeal, level {level}: {basis}. Look through the letter, then send the packet (Task/$appeal-packet){(deadline is { } day ? $" until {DateOfService.Text(day)}" : "")}.",
            Deadline = deadline,
            ValueAtStakeUsd = DenialInputs.AtStakeUsd(denial),
            Inputs = inputs,
            PartOf = $"Task/{denial.Id}",
        };
    }
}
