using System.Globalization;
using FhirEmr.FhirServer.Search.Query;
using FhirEmr.FhirServer.Storage.Query;

namespace FhirEmr.FhirServer.Operations.GraphQl;

/// <summary>A place in a search, with the search itself: signed, stateless, good at any node of the store.</summary>
/// <param name="Offset">How many matches lie before it.</param>
/// <param name="Position">Null for the beginning.</param>
internal sealed record Cursor(int Offset, string Query, PagePosition? Position)
{
    private const char Part = '\u001E';
    private const char Separator = '\u001F';

    public string Write(PageTokens tokens, string scope) => tokens.Write(string.Join(Part, Offset.ToString(CultureInfo.InvariantCulture), Query, Position is null ? "" : Text(Position)), scope);

    public static Cursor? Read(string token, PageTokens tokens, string scope)
    {
        // It carries the whole search, which may have come as variables of a long body: that body's limit is its own.
        if (tokens.Read(token, scope, int.MaxValue).Content?.Split(Part) is not [var offset, var query, var position] || !int.TryParse(offset, CultureInfo.InvariantCulture, out var number))
            return null;
        return new(number, query, position.Length == 0 ? null : Parsed(position));
    }

    private static string Text(PagePosition position) => string.Join(Separator,
        [position.Sid.ToString(CultureInfo.InvariantCulture), .. position.Values.Select(v => v switch
        {
            null => "0",
            long number => "n" + number.ToString(CultureInfo.InvariantCulture),
            var text => "s" + text,
        })]);

    private static PagePosition Parsed(string text)
    {
        var parts = text.Split(Separator);
        return new([.. parts.Skip(1).Select(p => p switch
        {
            ['n', .. var number] => (object?)long.Parse(number, CultureInfo.InvariantCulture),
            ['s', .. var value] => value,
            _ => null,
        })], long.Parse(parts[0], CultureInfo.InvariantCulture));
    }
}
