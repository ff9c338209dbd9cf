namespace FhirEmr.FhirServer.Security.Audit;

/// <summary>How many refusals an address may have rows for in a minute; the rest is counted (security.md S-51).</summary>
internal sealed class RefusalCap(Microsoft.Extensions.Options.IOptions<AuditOptions> options, TimeProvider clock)
{
    private const int MostAddresses = 10_000;
    private const string Others = "others";
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly Lock gate = new();
    private readonly Dictionary<string, int> taken = new(StringComparer.Ordinal);
    private DateTimeOffset begun = clock.GetUtcNow();

    /// <summary>Whether this one gets a row of its own.</summary>
    public bool Take(string? address)
    {
        var from = address ?? "-";
        lock (gate)
        {
            if (taken.Count >= MostAddresses && !taken.ContainsKey(from))
                from = Others;
            var count = taken[from] = taken.GetValueOrDefault(from) + 1;
            return count <= options.Value.RefusalsPerMinute;
        }
    }

    /// <summary>What was counted and has no rows, once a minute is over; then counting begins anew.</summary>
    public IReadOnlyList<(string Address, int Count)> Over(bool force = false)
    {
        lock (gate)
        {
            if (!force && clock.GetUtcNow() - begun < Window)
                return [];
            begun = clock.GetUtcNow();
            var over = taken.Where(t => t.Value > options.Value.RefusalsPerMinute).Select(t => (t.Key, t.Value - options.Value.RefusalsPerMinute)).ToList();
            taken.Clear();
            return over;
        }
    }

    public static AuditRecord Aggregate(string address, int count) => new()
    {
        Type = "rest",
        Subtype = "refused",
        Action = 'E',
        Outcome = 4,
        Reason = "many-refused",
        Agent = new() { Name = "anonymous" },
        Address = address,
        Results = count,
        Text = "More requests of this address were refused within a minute than have rows of their own; this many are counted here.",
    };
}
