using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Encodings.Web;

namespace FhirEmr.FhirServer.Security.Accounts.Pages;

/// <summary>Markup. Whatever is put into it is encoded, unless it is markup itself: forgetting to encode is not possible.</summary>
internal readonly record struct Html(string Markup)
{
    public static Html Empty { get; } = new("");

    public static Html Of(Builder builder) => new(builder.ToString());

    public static Html Join(IEnumerable<Html> parts) => new(string.Concat(parts.Select(p => p.Markup)));

    public override string ToString() => Markup;

    [InterpolatedStringHandler]
    internal readonly struct Builder(int literalLength, int formattedCount)
    {
        private readonly StringBuilder text = new(literalLength + (formattedCount * 16));

        public void AppendLiteral(string literal) => text.Append(literal);

        public void AppendFormatted(Html markup) => text.Append(markup.Markup);

        public void AppendFormatted(string? value) => text.Append(HtmlEncoder.Default.Encode(value ?? ""));

        public void AppendFormatted(int number) => text.Append(number);

        public override string ToString() => text.ToString();
    }
}
