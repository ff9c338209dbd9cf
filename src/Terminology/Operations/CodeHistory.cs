using FhirEmr.Terminology.CodeSystems;
using FhirEmr.Terminology.CodeSystems.Editions;
using FhirEmr.Terminology.ValueSets;

namespace FhirEmr.Terminology.Operations;

/// <summary>Why a code is not one of a system on a day, in a sentence a coder can act on.</summary>
internal static class CodeHistory
{
    public static string WhyNot(SystemCatalog catalog, KnownSystem system, string code, DateOnly on)
    {
        if (system is not CodeSystemContent content)
            return $"'{code}' is not written as a code of {system.Url} is.";
        var name = content.Title ?? content.Url;
        if (content is not TableSystem table)
        {
            return content.Content == ContentMode.Complete
                ? $"'{code}' is not a code of {name}{(content.Version is { } version ? $" version {version}" : "")}.{Near(content, code)}"
                : $"'{code}' is not in the part of {name} that is here; it may well be valid.";
        }

        if (content.Content != ContentMode.Complete)
            return $"{code} is not in the demo fragment of {name}, which is all that is loaded for {on:O}; it may well be valid. Load the release with 'fhir-emr terminology import'.";

        var spans = Spans(catalog, system.Url, code);
        var (before, after) = (spans.LastOrDefault(s => s.To < on), spans.FirstOrDefault(s => s.From > on));
        if (before.Edition is not null)
            return $"{code} is not valid on {on:O}; it was valid until {before.To:O}.{See(table, before.Edition, code, on)}";
        return after.Edition is not null
            ? $"{code} is not valid on {on:O}; it is valid from {after.From:O} on."
            : $"{code} is not a code of {name} on {on:O}, nor in any edition loaded here.";
    }

    /// <summary>The times a code was in force as far as the editions here tell, neighbours joined.</summary>
    private static List<(DateOnly From, DateOnly To, TableSystem? Edition)> Spans(SystemCatalog catalog, string url, string code)
    {
        var spans = new List<(DateOnly From, DateOnly To, TableSystem? Edition)>();
        foreach (var edition in catalog.Editions.EditionsOf(url).Where(e => e.IsComplete))
        {
            if (catalog.Editions.Find(url, edition.Id, edition.EffectiveFrom) is not { } table || table.FindAnyDay(code) is not (>= 0 and var row))
                continue;
            var (first, last) = table.Validity(row);
            var (from, to) = (Later(edition.EffectiveFrom, first ?? DateOnly.MinValue), Earlier(edition.EffectiveTo ?? DateOnly.MaxValue, last ?? DateOnly.MaxValue));
            if (spans.Count > 0 && spans[^1].To < DateOnly.MaxValue && spans[^1].To.AddDays(1) >= from)
                spans[^1] = (spans[^1].From, Later(spans[^1].To, to), table);
            else if (from <= to)
                spans.Add((from, to, table));
        }

        return spans;
    }

    /// <summary>What stands in its place now: what else its parent has.</summary>
    private static string See(TableSystem now, TableSystem then, string code, DateOnly on)
    {
        var row = then.FindAnyDay(code);
        foreach (var above in then.Parents(row).Concat(then.Ancestors(row)))
        {
            if (now.Find(then.Code(above), on) is not (>= 0 and var parent))
                continue;
            var instead = now.Children(parent, on).Take(3).Select(now.Code).ToArray();
            return $" See {(instead.Length > 0 ? string.Join(", ", instead) : now.Code(parent))}.";
        }

        return "";
    }

    private static string Near(CodeSystemContent content, string code)
    {
        if (!content.IsCaseSensitive || content.Count > 5000)
            return "";
        var other = content.Rows(DateOnly.MaxValue).Select(content.Code).FirstOrDefault(c => c.Equals(code, StringComparison.OrdinalIgnoreCase));
        return other is null ? "" : $" Upper and lower case count: did you mean '{other}'?";
    }

    private static DateOnly Later(DateOnly a, DateOnly b) => a > b ? a : b;

    private static DateOnly Earlier(DateOnly a, DateOnly b) => a < b ? a : b;
}
