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

    private static int Distance(string a, string b)
    {
        var row = new int[b.Length + 1];
        for (var j = 0; j <= b.Length; j++)
            row[j] = j;

        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var above = row[j];
                var same = char.ToUpperInvariant(a[i - 1]) == char.ToUpperInvariant(b[j - 1]);
                row[j] = Math.Min(Math.Min(row[j] + 1, row[j - 1] + 1), diagonal + (same ? 0 : 1));
                diagonal = above;
            }
        }

        return row[b.Length];
    }
}
