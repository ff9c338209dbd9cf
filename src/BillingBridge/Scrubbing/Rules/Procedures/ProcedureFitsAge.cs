using System.Globalization;
using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Scrubbing.Edits;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Procedures;

/// <summary>PROC-006: newborn care is for newborns, and a vaccine for the age it is made for.</summary>
internal sealed class ProcedureFitsAge(EditTables edits) : IScrubRule
{
    public string Id => "PROC-006";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        if (claim.Facts.AgeDays is not { } days || days < 0 || DateOfService.From(claim.Patient.BirthDate) is not { } birth)
            yield break;

        var table = edits.Table(TableNames.VaccineAges);
        foreach (var line in claim.Lines)
        {
            var day = line.From ?? claim.FirstServiceDate;
            if (days > 28 && line.Code is "99460" or "99461" or "99462" or "99463")
                yield return Reject(Id, IssueType.BusinessRule, $"{line.Path}.productOrService", $"Procedure not for age {claim.Facts.AgeYears}: {line.Code} is newborn care.").On(line);
            else if (CodeFacts.IsVaccineProduct(line.Code) && table is null)
                yield return NotEvaluated(Id, TableNames.VaccineAges, day);
            else if (table is not null && VaccineAges.Of(line.Code, day, table) is { } ages && Months(birth, day) is var months && (months < ages.From || months > ages.To))
            {
                yield return Reject(Id, IssueType.BusinessRule, $"{line.Path}.productOrService", $"Procedure not for age {Age(months)}: {line.Code} is a vaccine for {Band(ages.From, ages.To)}. Check which product was given.")
                    .On(line).With("source", ages.Source).ByTable(table.Edition);
            }
        }
    }

    private static int Months(DateOnly birth, DateOnly day) => ((day.Year - birth.Year) * 12) + day.Month - birth.Month - (day.Day < birth.Day ? 1 : 0);

    private static string Age(int months) => months < 36 ? string.Create(CultureInfo.InvariantCulture, $"{months} months") : string.Create(CultureInfo.InvariantCulture, $"{months / 12}");

    private static string Band(int from, int to) => to >= 150 * 12 ? $"{Age(from)} and above" : $"{Age(from)} to {Age(to)}";
}
