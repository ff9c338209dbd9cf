using System.Buffers;

namespace FhirEmr.Terminology.CodeSystems.Grammars;

/// <summary>BCP-13 media types: type/subtype and parameters, in the form of RFC 6838 and RFC 2045.</summary>
internal static class MediaTypes
{
    private static readonly SearchValues<char> Name = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$&-^_.+");
    private static readonly SearchValues<char> Token = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-.^_`{|}~");

    public static bool IsType(string text)
    {
        var rest = text.AsSpan();
        var end = rest.IndexOf(';');
        var type = (end < 0 ? rest : rest[..end]).TrimEnd(' ');
        var slash = type.IndexOf('/');
        if (slash < 0 || !IsName(type[..slash]) || !IsName(type[(slash + 1)..]))
            return false;
        while (end >= 0)
        {
            rest = rest[(end + 1)..].TrimStart(' ');
            if (!TakeParameter(ref rest))
                return false;
            rest = rest.TrimStart(' ');
            if (rest.IsEmpty)
                return true;
            if (rest[0] != ';')
                return false;
            end = 0;
        }

        return true;
    }

    private static bool IsName(ReadOnlySpan<char> name) =>
        name.Length is > 0 and <= 127 && char.IsAsciiLetterOrDigit(name[0]) && !name.ContainsAnyExcept(Name);

    private static bool TakeParameter(ref ReadOnlySpan<char> rest)
    {
        var equals = rest.IndexOf('=');
        if (equals <= 0 || rest[..equals].ContainsAnyExcept(Token))
            return false;
        rest = rest[(equals + 1)..];
        if (rest.StartsWith("\""))
        {
            for (var at = 1; at < rest.Length; at++)
            {
                if (rest[at] == '\\')
                {
                    at++;
                }
                else if (rest[at] == '"')
                {
                    rest = rest[(at + 1)..];
                    return true;
                }
            }

            return false;
        }

        var length = rest.IndexOfAnyExcept(Token);
        if (length < 0)
            length = rest.Length;
        rest = rest[length..];
        return length > 0;
    }
}
