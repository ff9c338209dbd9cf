namespace FhirEmr.FhirServer.Storage.Scan;

/// <summary>A search would have to read more bodies than one request may; the message says what would narrow it (422, too-costly).</summary>
internal sealed class SearchTooCostlyException(string message) : Exception(message);
