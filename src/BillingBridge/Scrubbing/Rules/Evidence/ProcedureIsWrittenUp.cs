using System.Text.RegularExpressions;
using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Scrubbing.Edits;
using Hl7.Fhir.Model;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Evidence;

/// <summary>DOC-008: a procedure has its note.</summary>
/// <remarks>LOINC 28570-0 procedure note, 11504-8 operative note.</remarks>
internal sealed partial class ProcedureIsWrittenUp(EditTables edits) : IScrubRule
{
    public string Id => "DOC-008";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        var notes = claim.Notes().ToList();
        if (notes.Count == 0)
            yield break; // DOC-003 says that the record keeps no notes for the encounter
        var writtenUp = notes.Exists(n => n.Type.HasAny("28570-0", "11504-8") || n.Section.Exists(s => Titles().IsMatch(s.Title ?? "")));
        foreach (var line in claim.Lines.Where(l => edits.GlobalDays(l.Code, claim.FirstServiceDate) is "000" or "010" or "090" && !CodeFacts.IsEvaluationAndManagement(l.Code)))
        {
            var sources = claim.Charges.Lines.Where(l => l.Code == line.Code).Select(l => l.Source).ToHashSet();
            var own = claim.Chart.OfType<Procedure>().Where(p => sources.Contains($"Procedure/{p.Id}")).ToList();
            if (!writtenUp && !own.Exists(p => p.Report.Count > 0 || p.Note.Count > 0))
                yield return Reject(Id, IssueType.Required, line.Path, $"Procedure note missing for {line.Code}: write what was done as a note section 'Procedure', or on the Procedure itself.").On(line);
        }
    }

    [GeneratedRegex("procedure|operati", RegexOptions.IgnoreCase)]
    private static partial Regex Titles();
}
