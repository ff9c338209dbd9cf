namespace FhirEmr.FhirServer.Operations.Matching;

/// <summary>How alike two short folded texts are.</summary>
internal static class Similarity
{
    /// <summary>Jaro-Winkler: 0 nothing in common, 1 equal; a common beginning of up to four letters counts more (Winkler 1990).</summary>
    public static double Of(string a, string b)
    {
        if (a == b)
            return 1;
        if (a.Length == 0 || b.Length == 0)
            return 0;

        var window = Math.Max(0, (Math.Max(a.Length, b.Length) / 2) - 1);
        var (inA, inB) = (new bool[a.Length], new bool[b.Length]);
        var matches = 0;
        for (var i = 0; i < a.Length; i++)
            for (var j = Math.Max(0, i - window); j < Math.Min(b.Length, i + window + 1); j++)
                if (!inB[j] && a[i] == b[j])
                {
                    inA[i] = inB[j] = true;
                    matches++;
                    break;
                }

        if (matches == 0)
            return 0;

        var (outOfPlace, next) = (0, 0);
        for (var i = 0; i < a.Length; i++)
        {
            if (!inA[i])
                continue;
            while (!inB[next])
                next++;
            if (a[i] != b[next++])
                outOfPlace++;
        }

        double m = matches;
        var jaro = ((m / a.Length) + (m / b.Length) + ((m - (outOfPlace / 2)) / m)) / 3;
        var prefix = 0;
        while (prefix < Math.Min(4, Math.Min(a.Length, b.Length)) && a[prefix] == b[prefix])
            prefix++;
        return jaro + (prefix * 0.1 * (1 - jaro));
    }

    /// <summary>One slip of a typist: a character replaced, or two neighbours exchanged; both texts equally long.</summary>
    public static bool IsOneSlip(string a, string b)
    {
        if (a.Length != b.Length || a == b)
            return false;
        var first = 0;
        while (a[first] == b[first])
            first++;
        var last = a.Length - 1;
        while (a[last] == b[last])
            last--;
        return first == last || (last == first + 1 && a[first] == b[last] && a[last] == b[first]);
    }
}
