namespace FhirEmr.FhirServer.Security.Access;

/// <summary>The caller's rights do not cover what is asked, whatever is stored (403). The message says what is missing and nothing of the record.</summary>
internal sealed class AccessRefusedException(string message) : Exception(message);
