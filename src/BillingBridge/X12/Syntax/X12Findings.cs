namespace FhirEmr.BillingBridge.X12.Syntax;

/// <summary>Collects findings of one file. Capped, so that a hostile file cannot fill the memory; the verdict stays exact.</summary>
internal sealed class X12Findings
{
    private const int Kept = 1_000;
    private readonly List<X12Finding> _items = [];

    /// <summary>The first thousand, in the order of the file.</summary>
    public IReadOnlyList<X12Finding> Items => _items;

    /// <summary>How many there were in all.</summary>
    public long Count { get; private set; }

    /// <summary>How many of them forbid the use of the content.</summary>
    public long Refusals { get; private set; }

    public bool HasRefusal => Refusals > 0;

    public void Refuse(string code, string message, X12Place? place) => Add(new(X12Severity.Refusal, code, message, place));

    public void Warn(string code, string message, X12Place? place) => Add(new(X12Severity.Warning, code, message, place));

    public void Add(X12Finding finding)
    {
        Count++;
        if (finding.Severity is X12Severity.Refusal)
            Refusals++;
        if (_items.Count < Kept)
            _items.Add(finding);
    }
}
