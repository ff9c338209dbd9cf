using FhirEmr.FhirServer.Resources;

namespace FhirEmr.FhirServer.Search.Concepts;

/// <summary>Value sets and code systems that are kept in this server like any other resource.</summary>
internal interface IDefinitions
{
    /// <summary>The current definition by canonical URL, <c>url|version</c> or <c>Type/id</c>; of several versions the newest. Null when there is none.</summary>
    ValueTask<FhirNode?> FindAsync(string type, string canonical, CancellationToken ct);
}
