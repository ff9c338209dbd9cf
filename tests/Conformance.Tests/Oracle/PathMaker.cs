using Hl7.Fhir.Model;

namespace FhirEmr.Conformance.Tests.Oracle;

/// <summary>Searches through several references, forwards and backwards, along a way that the records really go, so that they find something.</summary>
internal sealed class PathMaker(OracleSearch oracle, QueryMaker maker, Func<string, string, bool> isOffered, Random random)
{
    /// <summary>How often a search may turn back to what refers to it (security §8).</summary>
    private const int MostBackwards = 3;

    /// <summary>A criterion that leads so many references away from the record; null when the way ends before.</summary>
    public Criterion? From(OracleRecord start, int steps)
    {
        var (at, way, backwards) = (start, "", 0);
        for (var i = 0; i < steps; i++)
        {
            if ((random.Next(2) == 0 && backwards < MostBackwards ? Backwards(at) ?? Forwards(at) : Forwards(at) ?? (backwards < MostBackwards ? Backwards(at) : null)) is not var (name, next))
                return null;
            if (name.StartsWith("_has", StringComparison.Ordinal))
                backwards++;
            (way, at) = (way + name, next);
        }

        return (random.Next(3) == 0 ? Near(at) : maker.From(at)) is { } end ? end with { Name = way + end.Name } : null;
    }

    private Criterion? Near(OracleRecord record)
    {
        var all = OracleSearch.Params(record.Type).Values.Where(p => p.Code is not ("_lastUpdated" or "_id")).ToArray();
        return maker.On(all[random.Next(all.Length)]);
    }

    private (string Name, OracleRecord Next)? Forwards(OracleRecord from)
    {
        var ways = OracleSearch.Params(from.Type).Values.Where(p => p.Kind == SearchParamType.Reference && isOffered(from.Type, p.Code))
            .SelectMany(p => oracle.Targets(from, p).Where(t => p.Targets.Contains(t.Type) && !from.Contained.Contains(t)).Select(t => ($"{p.Code}:{t.Type}.", t))).ToArray();
        return ways.Length == 0 ? null : ways[random.Next(ways.Length)];
    }

    private (string Name, OracleRecord Next)? Backwards(OracleRecord from)
    {
        var ways = oracle.Pointing(from).Where(w => w.Param.Targets.Contains(from.Type) && isOffered(w.Param.Type, w.Param.Code)).ToArray();
        if (ways.Length == 0)
            return null;
        var (source, param) = ways[random.Next(ways.Length)];
        return ($"_has:{source.Type}:{param.Code}:", source);
    }
}
