using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Search.Query;

namespace FhirEmr.FhirServer.Interactions;

/// <summary>A search that could not be read, as the fault the client gets: every wrong parameter in one answer.</summary>
internal static class SearchRefusal
{
    public static FhirFault Of(SearchParse parse)
    {
        var faults = ((SearchParse.Refused)parse).Faults;
        var kind = faults.Any(f => f.Code == "too-costly") ? FaultKind.TooCostly : FaultKind.Invalid;
        return new(kind, [.. faults.Select(f => new FaultIssue(f.Code, f.Text) { Parameter = f.Parameter })]);
    }
}
