using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Scrubbing;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Denials;

/// <summary>Which modifier a denied line most likely lacked, told from the claim alone, and the rule that looks for it.</summary>
internal static class MissingModifier
{
    private static readonly string[] Distinct = ["59", "XE", "XP", "XS", "XU"];

    /// <summary>The modifier and the rule; null when none suggests itself or the line has it.</summary>
    public static (string Modifier, string ScrubRule)? Of(Claim claim, int sequence, string carc)
    {
        var lines = claim.Item.Select((item, i) => new ScrubLine(i, item)).ToList();
        if (lines.Find(l => l.Number == sequence) is not { Code.Length: > 0 } line)
            return null;

        var beside = lines.Where(l => l.Number != line.Number && l.Code.Length > 0 && l.From == line.From).ToList();
        return carc switch
        {
            "4" or "97" or "231" or "234" or "236" or "B15" when IsVisitBesideProcedure(line, beside) && !line.HasAny(["25", "57"]) => ("25", "MOD-004"),
            "4" when line.Place is "02" or "10" && !line.HasAny(["95", "93", "GT", "FQ"]) => ("95", "MOD-014"),
            "97" or "231" or "236" when !CodeFacts.IsEvaluationAndManagement(line.Code) && beside.Exists(IsProcedure) && !line.HasAny(Distinct) => ("59", "NCCI-002"),
            "18" when beside.Exists(l => l.Code == line.Code) && !line.HasAny(["76", "77", "91", .. Distinct]) =>
                (CodeFacts.IsLaboratory(line.Code) ? "91" : "76", "PROC-019"),
            _ => null,
        };
    }

    private static bool IsVisitBesideProcedure(ScrubLine line, List<ScrubLine> beside) =>
        CodeFacts.IsEvaluationAndManagement(line.Code) && beside.Exists(IsProcedure);

    private static bool IsProcedure(ScrubLine line) => !CodeFacts.IsEvaluationAndManagement(line.Code) && !CodeFacts.IsLaboratory(line.Code);
}
