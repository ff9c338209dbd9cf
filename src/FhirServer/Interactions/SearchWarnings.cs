using System.Globalization;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Search.Query;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Interactions;

/// <summary>What a searchset says about itself beside its matches: an answer that ends too early must not look whole.</summary>
internal static class SearchWarnings
{
    /// <summary>The content of the entry whose search mode is <c>outcome</c>.</summary>
    public static byte[] Outcome(IReadOnlyList<(string Code, string Text)> warnings)
    {
        var outcome = new OperationOutcome();
        outcome.Issue.AddRange(warnings.Select(w => new FaultIssue(w.Code, w.Text).ToComponent(w.Code, OperationOutcome.IssueSeverity.Warning)));
        return FhirFormats.ToJson(outcome);
    }

    public static (string Code, string Text) LiesDeeper(SearchQuery query) => ("too-costly", string.Create(CultureInfo.InvariantCulture,
        $"More lies deeper than this answer goes: ':iterate' goes on from what it included {query.MaxIterations} times (Search:MaxIterations), and what it included last refers on. Search from those resources to go further."));
}
