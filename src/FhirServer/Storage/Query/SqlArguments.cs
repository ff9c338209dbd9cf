namespace FhirEmr.FhirServer.Storage.Query;

/// <summary>Collects the arguments of one statement; an equal value takes the same placeholder again.</summary>
internal sealed class SqlArguments(SqlDialect dialect)
{
    private readonly List<object> values = [];

    public IReadOnlyList<object> Values => values;

    public string Add(object value)
    {
        var at = value switch
        {
            long[] list => values.FindIndex(v => v is long[] known && known.AsSpan().SequenceEqual(list)),
            string[] list => values.FindIndex(v => v is string[] known && known.AsSpan().SequenceEqual(list)),
            _ => values.IndexOf(value),
        };
        if (at < 0)
        {
            at = values.Count;
            values.Add(value);
        }

        return dialect.Argument(at + 1);
    }
}
