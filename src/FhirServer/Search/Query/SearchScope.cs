using FhirEmr.FhirServer.Resources;

namespace FhirEmr.FhirServer.Search.Query;

/// <summary>Where a search looks: at one type or (null) at several, in the whole store or in the compartment of one resource.</summary>
internal sealed record SearchScope(string? Type, ResourceKey? Compartment = null);
