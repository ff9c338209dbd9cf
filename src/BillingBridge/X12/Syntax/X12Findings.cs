namespace FhirEmr.BillingBridge.X12.Syntax;

/// <summary>Collects findings of one file. Capped, so that a hostile file cannot fill the memory; the verdict stays exact.</summary>
internal sealed class X12Findings
{
    private const int Kept = 1_000;
    private readonly List<X12Finding> _items = [];

    /// <summary>The first thousand warnings and the first thousand refusals, in the order of the file.</summary>
    public IReadOnlyList<X12Finding> Items => _items;

    /// <summary>How many there were in all.</summary>
    public long Count { get; private set; }

    /// <summary>How many of them forbid the use of the content.</summary>
    public long Refusals { get; private set; }

    public bool HasRefusal => Refusals > 0;

    /// <summary>The business object being read; every finding is stamped with it, see <see cref="X12Place.BusinessUnit"/>.</summary>
    public string? BusinessUnit { get; set; }

    public void Refuse(string code, string message, X12Place? place) => Add(new(X12Severity.Refusal, code, message, place));

    public void Warn(string code, string message, X12Place? place) => Add(new(X12Severity.Warning, code, message, place));

    public void Add(X12Finding finding)
    {
        Count++;
        if (finding.Severity is X12Severity.Refusal)
            Refusals++;
        var ofItsKind = finding.Severity is X12Severity.Refusal ? Refusals : Count - Refusals;
        if (ofItsKind <= Kept)
            _items.Add(BusinessUnit is not null && finding.Place is { BusinessUnit: null } place ? finding with { Place = place with { BusinessUnit = BusinessUnit } } : finding);
        else if (finding.Severity is X12Severity.Refusal && Refusals == Kept + 1)
            _items.Add(TooMany(finding)); // which sets the others are in is no longer known
    }

    private static X12Finding TooMany(X12Finding finding) => new(
        X12Severity.Refusal,
        "SYN-TOO-MANY",
        $"There are more than {Kept} faults; nothing in the file is used.",
        finding.Place is { } place ? place with { SetPosition = null, SetControlNumber = null, Element = null, Component = null, Value = null } : null);
}
