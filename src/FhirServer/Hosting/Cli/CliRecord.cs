using FhirEmr.FhirServer.Security.Audit;

namespace FhirEmr.FhirServer.Hosting.Cli;

/// <summary>A command as a record of the audit: run by a user of this machine, not of the practice (security.md S-50).</summary>
internal static class CliRecord
{
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
