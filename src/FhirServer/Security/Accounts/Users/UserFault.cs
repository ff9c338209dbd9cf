namespace FhirEmr.FhirServer.Security.Accounts.Users;

/// <summary>Why something cannot be done to an account or role, in a sentence with the fix.</summary>
internal sealed class UserFault(string message) : Exception(message);
