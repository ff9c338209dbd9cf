using FhirEmr.FhirServer.Security.Audit;

namespace FhirEmr.FhirServer.Hosting.Cli;

/// <summary>A command as a record of the audit: run by a user of this machine, not of the practice (security.md S-50).</summary>
internal static class CliRecord
{
    /// <summary>Its words, such as <c>import fhir</c>; what else was typed may be anything.</summary>
    public static string Command => string.Join(' ', Environment.GetCommandLineArgs().Skip(1).TakeWhile(word => word.All(char.IsAsciiLetterLower)).Take(2));

    public static AuditRecord Of(string command, bool isSuccess, string text) => new()
    {
        Type = "110100",
        Subtype = "command",
        Action = 'E',
        Outcome = isSuccess ? 0 : 8,
        Reason = command,
        Agent = new() { Name = $"{Environment.UserName} at the command line" },
        Address = Environment.MachineName,
        Text = text,
    };
}
