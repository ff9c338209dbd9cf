using System.Diagnostics.CodeAnalysis;

namespace FhirEmr.FhirServer.Resources;

/// <summary>Type and logical id: what <c>Patient/123</c> names.</summary>
internal readonly record struct ResourceKey(string Type, string Id)
{
    public override string ToString() => $"{Type}/{Id}";

    /// <summary>FHIR <c>id</c>: 1 to 64 of <c>[A-Za-z0-9-.]</c> (datatypes.html#id).</summary>
    public static bool IsId(ReadOnlySpan<char> id)
    {
        if (id.Length is 0 or > 64)
            return false;

        foreach (var c in id)
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '.'))
                return false;

        return true;
    }

    /// <summary>Reads <c>Type/id</c> and <c>Type/id/_history/v</c>; false for anything else.</summary>
    public static bool TryParseRelative(ReadOnlySpan<char> reference, out ResourceKey key, out int version)
    {
        (key, version) = (default, 0);
        var slash = reference.IndexOf('/');
        if (slash <= 0 || ResourceTypes.NumberOf(reference[..slash]) is not (> 0 and var type))
            return false;

        var id = reference[(slash + 1)..];
        var next = id.IndexOf('/');
        if (next >= 0)
        {
            var rest = id[next..];
            if (!rest.StartsWith("/_history/") || !int.TryParse(rest["/_history/".Length..], out version))
                return false;
            id = id[..next];
        }

        if (!IsId(id))
            return false;

        key = new ResourceKey(ResourceTypes.NameOf(type), id.ToString());
        return true;
    }
}
