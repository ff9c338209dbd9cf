using System.Buffers;
using System.Text;

namespace FhirEmr.FhirServer.Security.Audit;

/// <summary>Finds whose data JSON is by looking for references to patients in its bytes: nothing is parsed for it.</summary>
/// <remarks>
/// A resource counts as a patient's when an element <c>reference</c> or the <c>fullUrl</c> around it names the Patient. That is the patient's
/// compartment and a little more (a focus, an extension): an accounting of disclosures may name one too many, never one too few.
/// </remarks>
internal static class PatientReferences
{
    private const int MostWalk = 600;
    private static readonly SearchValues<byte> IdBytes = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-."u8);

    public static void Find(ReadOnlySpan<byte> json, PatientSet into)
    {
        var from = 0;
        while (from < json.Length && json[from..].IndexOf("Patient"u8) is >= 0 and var found)
        {
            var at = from + found;
            from = at + 7;
            var id = json[from..];
            if (id.StartsWith("/"u8))
                id = id[1..];
            else if (id.StartsWith("\\/"u8))
                id = id[2..];
            else
                continue;

            var length = id.IndexOfAnyExcept(IdBytes);
            if (length is > 0 and <= 64 && id[length] is (byte)'"' or (byte)'/' or (byte)'\\' or (byte)'#' && IsReference(json[..at]))
                into.Add(id[..length]);
        }
    }

    /// <summary>Whether a text value of <c>reference</c> or <c>fullUrl</c> begins here, or earlier with an address.</summary>
    private static bool IsReference(ReadOnlySpan<byte> before)
    {
        var low = Math.Max(0, before.Length - MostWalk);
        var quote = before[low..].LastIndexOf((byte)'"');
        if (quote < 0 || (quote += low) == 0)
            return false;
        if (quote < before.Length - 1 && before[^1] is not (byte)'/')
            return false; // Patient is only the end of a longer name
        var rest = before[..quote].TrimEnd(" \t\r\n"u8);
        if (rest is not [.., (byte)':'])
            return false;
        rest = rest[..^1].TrimEnd(" \t\r\n"u8);
        return rest.EndsWith("\"reference\""u8) || rest.EndsWith("\"fullUrl\""u8);
    }
}

/// <summary>Patients each once, in the order they were met.</summary>
internal sealed class PatientSet
{
    /// <summary>More are counted and not named (security.md S-50).</summary>
    public const int Most = 1000;

    private const int Few = 8;

    private readonly List<string> listed = [];
    private HashSet<string>? known;
    private HashSet<string>.AlternateLookup<ReadOnlySpan<char>> lookup;

    public IReadOnlyList<string> Listed => listed;

    public int More => known is null ? 0 : known.Count - listed.Count;

    public void Add(ReadOnlySpan<byte> id)
    {
        Span<char> text = stackalloc char[64];
        Add(text[..Encoding.ASCII.GetChars(id, text)]);
    }

    public void Add(ReadOnlySpan<char> id)
    {
        if (known is null)
        {
            foreach (var one in listed)
                if (id.SequenceEqual(one))
                    return;
            if (listed.Count < Few)
            {
                listed.Add(id.ToString());
                return;
            }

            known = new(listed, StringComparer.Ordinal);
            lookup = known.GetAlternateLookup<ReadOnlySpan<char>>();
        }

        if (lookup.Add(id) && listed.Count < Most)
            listed.Add(id.ToString());
    }
}
