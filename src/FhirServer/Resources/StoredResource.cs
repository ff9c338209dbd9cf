namespace FhirEmr.FhirServer.Resources;

/// <summary>One version of a resource as the store holds it: identity beside the exact JSON bytes, never parsed to be served.</summary>
/// <param name="Sid">Surrogate key, ascending in order of creation; the same for all versions.</param>
/// <param name="Json">UTF-8 JSON with id and meta in place; empty for a deletion marker.</param>
/// <param name="Method">The HTTP verb that made this version: POST, PUT, PATCH or DELETE (history entries show it).</param>
internal sealed record StoredResource(
    long Sid, ResourceKey Key, int Version, DateTimeOffset LastUpdated, bool IsDeleted, string Method, ReadOnlyMemory<byte> Json);
