namespace FhirEmr.FhirServer.Storage.Scan;

/// <summary>Rows of a page as far as they fit into it.</summary>
/// <param name="Found">How many there were: more than <paramref name="Rows"/> when another page follows.</param>
internal sealed record PageRows(List<PageRow> Rows, long Found)
{
    public static PageRows None => new([], 0);
}
