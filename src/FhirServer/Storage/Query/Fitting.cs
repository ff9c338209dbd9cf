using FhirEmr.FhirServer.Resources;

namespace FhirEmr.FhirServer.Storage.Query;

/// <summary>What fits into a page, and how many there were: more than are kept means that the next page begins behind the last kept.</summary>
internal readonly record struct Fitting(List<StoredResource> Kept, int Found);
