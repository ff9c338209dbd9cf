using System.Globalization;
using System.Text.RegularExpressions;
using FhirEmr.Terminology;
using Hl7.Fhir.Model;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Evidence;

/// <summary>DOC-007: the note does not contradict the chart on sex, age or side.</summary>
internal sealed partial class NoteAgreesWithChart(ITerminology terminology) : IScrubRule
{
    public string Id => "DOC-007";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        foreach (var note in claim.Notes())
        {
            var text = NoteText.Of(note);
            var (he, she) = (He().Count(text), She().Count(text));
            if (claim.Patient.Gender == AdministrativeGender.Male && she > 0 && he == 0)
                yield return Contradiction(note, "the note says she, the chart male");
            else if (claim.Patient.Gender == AdministrativeGender.Female && he > 0 && she == 0)
                yield return Contradiction(note, "the note says he, the chart female");
            if (claim.Patient.Gender == AdministrativeGender.Male && Pregnant().IsMatch(text))
                yield return Contradiction(note, "the note says pregnant, the chart male");
            if (Age().Match(text) is { Success: true } age && claim.Facts.AgeYears is { } years && Math.Abs(int.Parse(age.Groups[1].ValueSpan, CultureInfo.InvariantCulture) - years) > 1)
                yield return Contradiction(note, $"the note says {age.Groups[1].Value} years old, the chart {years}");
            foreach (var diagnosis in claim.Diagnoses)
            {
                var title = terminology.Find(CodeSystemUrls.Icd10Cm, diagnosis.Code, claim.FirstServiceDate)?.Display ?? "";
                var (right, left) = (Right().IsMatch(title), Left().IsMatch(title));
                if (right != left && (right ? Left() : Right()).IsMatch(text) && !(right ? Right() : Left()).IsMatch(text))
                    yield return Contradiction(note, $"{diagnosis.Code} says {(right ? "right" : "left")}, the note only {(right ? "left" : "right")}");
            }
        }

        ScrubFinding Contradiction(Composition note, string what) =>
            Warn(Id, IssueType.BusinessRule, "Claim.item[0].encounter", $"Note contradicts chart: {what}. Correct the wrong one.").From($"Composition/{note.Id}");
    }

    [GeneratedRegex(@"\b(he|his|him)\b", RegexOptions.IgnoreCase)]
    private static partial Regex He();

    [GeneratedRegex(@"\b(she|hers?)\b", RegexOptions.IgnoreCase)]
    private static partial Regex She();

    [GeneratedRegex(@"(?<!not |wife is |partner is )\bpregnant\b", RegexOptions.IgnoreCase)]
    private static partial Regex Pregnant();

    [GeneratedRegex(@"\b([0-9]{1,3})[- ]?(?:year|yr)s?[- ]old\b", RegexOptions.IgnoreCase)]
    private static partial Regex Age();

    [GeneratedRegex(@"\bright\b", RegexOptions.IgnoreCase)]
    private static partial Regex Right();

    [GeneratedRegex(@"\bleft\b", RegexOptions.IgnoreCase)]
    private static partial Regex Left();
}
