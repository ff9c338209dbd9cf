namespace FhirEmr.FhirServer.CdsHooks;

/// <summary>A question cannot be answered because a record it needs was neither sent along nor may be read (412).</summary>
/// <param name="what">What it is, as a search or a read without values.</param>
internal sealed class CdsDataMissingException(string what) : Exception(what);
