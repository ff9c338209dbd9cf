using System.Globalization;
using FhirEmr.FhirServer.Security.Audit;

namespace FhirEmr.FhirServer.Hosting;

/// <summary>Reads the whole audit, once a day on one of the nodes, and leaves a row about it (security.md S-53).</summary>
internal sealed partial class AuditVerification(AuditLog audit, AuditVerifier verifier, ILogger<AuditVerification> log)
{
    public async Task RunAsync(CancellationToken ct)
    {
        if (!audit.IsEnabled)
            return;
        var verdict = await verifier.RunAsync(null, null, ct);
        await audit.RecordAsync(new()
        {
            Type = "110101",
            Subtype = "audit-verify",
            Action = 'E',
            Outcome = verdict.Count == 0 ? 0 : 8,
            Results = (int)Math.Min(verdict.Checked, int.MaxValue),
            Text = verdict.Count == 0 ? "The daily verification found the audit as it was written." : string.Create(CultureInfo.InvariantCulture, $"The daily verification has {verdict.Count} findings."),
        });
        if (verdict.Count > 0)
            Tampered(log, verdict.Count, verdict.Findings[0].Text);
    }

    [LoggerMessage(Level = LogLevel.Critical, Message = "The audit is not as it was written: {Count} findings, the first: {First}")]
    private static partial void Tampered(ILogger log, long count, string first);
}
