namespace FhirEmr.FhirServer.Resources;

/// <summary>The known name a typist most likely meant, for error messages that give the fix.</summary>
internal static class NearestName
{
    /// <summary>Closest by edit distance, case ignored; null when nothing is near enough to be a slip.</summary>
    public static string? Of(string wrong, IEnumerable<string> known)
    {
        if (wrong.Length is 0 or > 64)
            return null;

        var (best, bestDistance) = ((string?)null, Math.Max(1, wrong.Length / 3) + 1);
        foreach (var name in known)
        {
            if (Math.Abs(name.Length - wrong.Length) >= bestDistance)
                continue;
            var distance = Distance(wrong, name);
            if (distance < bestDistance)
                (best, bestDistance) = (name, distance);
        }

        return best;
    }

    /// <summary>Letters to insert, drop or replace, or neighbours to swap: "nmae" is one slip away from "name".</summary>
    private static int Distance(string a, string b)
    {
        var (beforeLast, last, row) = (new int[b.Length + 1], new int[b.Length + 1], new int[b.Length + 1]);
        for (var j = 0; j <= b.Length; j++)
            row[j] = j;

        for (var i = 1; i <= a.Length; i++)
        {
            (beforeLast, last, row) = (last, row, beforeLast);
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                row[j] = Math.Min(Math.Min(last[j] + 1, row[j - 1] + 1), last[j - 1] + (Same(a[i - 1], b[j - 1]) ? 0 : 1));
                if (i > 1 && j > 1 && Same(a[i - 1], b[j - 2]) && Same(a[i - 2], b[j - 1]))
                    row[j] = Math.Min(row[j], beforeLast[j - 2] + 1);
            }
        }

        return row[b.Length];
    }

    private static bool Same(char a, char b) => char.ToUpperInvariant(a) == char.ToUpperInvariant(b);
}
