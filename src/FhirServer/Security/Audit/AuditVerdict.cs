namespace FhirEmr.FhirServer.Security.Audit;

/// <summary>What a verification of the audit has found, the first first.</summary>
internal sealed class AuditVerdict
{
    /// <summary>Findings named one by one; more are counted.</summary>
    private const int MostNamed = 1000;

    private readonly List<(string Code, string Text)> findings = [];

    public long Checked { get; set; }

    public long Checkpoints { get; set; }

    /// <summary>Genuine rows of the last moment that no seal lists yet.</summary>
    public long Unsealed { get; set; }

    public long Count { get; private set; }

    public IReadOnlyList<(string Code, string Text)> Findings => findings;

    public void Add(string code, string text)
    {
        Count++;
        if (findings.Count < MostNamed)
            findings.Add((code, text));
    }
}
