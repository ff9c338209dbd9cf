namespace FhirEmr.Terminology.CodeSystems;

/// <summary>A code system whose concepts are listed here. Concepts are rows; a row is a number that this very object understands.</summary>
internal abstract class CodeSystemContent(string url, string? version) : KnownSystem(url, version)
{
    public const int None = -1;

    public abstract ContentMode Content { get; }

    public abstract string? Title { get; }

    /// <summary>Licence or copyright line to show with the content.</summary>
    public abstract string? Copyright { get; }

    public abstract bool IsCaseSensitive { get; }

    /// <summary>Whether codes come and go with the date inside this one version.</summary>
    public virtual bool IsDated => false;

    public abstract int Count { get; }

    /// <summary>The row of a code on a day; <see cref="None"/> when there is none.</summary>
    public abstract int Find(string code, DateOnly asOf);

    /// <summary>A row of the code whatever its dates: what was a code once still names what lies below it.</summary>
    public virtual int FindAnyDay(string code) => Find(code, DateOnly.MaxValue);

    public abstract string Code(int row);

    public abstract string? Display(int row);

    public virtual string? Definition(int row) => null;

    /// <summary>It groups others and is not to be chosen itself.</summary>
    public abstract bool IsAbstract(int row);

    public abstract bool IsInactive(int row);

    public abstract IReadOnlyList<int> Parents(int row);

    public abstract IEnumerable<int> Children(int row, DateOnly asOf);

    /// <summary>Its own properties, without parents and children.</summary>
    public abstract IEnumerable<ConceptProperty> Properties(int row);

    public abstract IEnumerable<Designation> Designations(int row);

    /// <summary>All rows of a day, in the order the system lists them.</summary>
    public abstract IEnumerable<int> Rows(DateOnly asOf);

    /// <summary>The rows whose names fit what was typed, best first.</summary>
    public abstract IEnumerable<(int Row, double Score)> Search(string text, DateOnly asOf, int limit, Func<int, bool> isWanted);

    public override CodeStanding Judge(string code, DateOnly asOf) => Find(code, asOf) is >= 0 and var row
        ? new(true, Code(row), Display(row))
        : new(Content == ContentMode.Complete ? false : null, code, null);

    /// <summary>A test whether rows lie below one, itself left out.</summary>
    public virtual Func<int, bool> BelowTest(int ancestor)
    {
        var below = new HashSet<int>();
        var open = new Stack<int>([ancestor]);
        while (open.TryPop(out var row))
        {
            foreach (var child in AllChildren(row))
            {
                if (child != ancestor && below.Add(child))
                    open.Push(child);
            }
        }

        return below.Contains;
    }

    /// <summary>Whether one row lies below another, by walking up.</summary>
    public virtual bool IsBelow(int row, int ancestor) => row != ancestor && Ancestors(row).Contains(ancestor);

    /// <summary>All rows above one, nearest first; a circle in the source ends the walk.</summary>
    public IReadOnlyCollection<int> Ancestors(int row)
    {
        var above = new HashSet<int>();
        var open = new Queue<int>(Parents(row));
        while (open.TryDequeue(out var next))
        {
            if (next == row || !above.Add(next))
                continue;
            foreach (var parent in Parents(next))
                open.Enqueue(parent);
        }

        return above;
    }

    /// <summary>Values of a property, the ones that hierarchies and flags stand for included.</summary>
    public IEnumerable<string> Values(int row, string property) => property switch
    {
        "code" or "concept" => [Code(row)],
        "display" => Display(row) is { } display ? [display] : [],
        "definition" => Definition(row) is { } definition ? [definition] : [],
        "parent" => Parents(row).Select(Code),
        "child" => AllChildren(row).Select(Code),
        "ancestor" => Ancestors(row).Select(Code),
        "inactive" => [IsInactive(row) ? "true" : "false"],
        "notSelectable" => [IsAbstract(row) ? "true" : "false"],
        _ => Properties(row).Where(p => p.Code == property).Select(p => p.Value),
    };

    protected abstract IEnumerable<int> AllChildren(int row);
}
