using System.Globalization;

namespace FhirEmr.FhirServer.Search.Indexing.Units;

/// <summary>A unit in base units: the factor and the powers of the bases.</summary>
internal sealed class BaseUnits(Ratio factor, SortedDictionary<string, int> powers)
{
    public static BaseUnits None { get; } = new(Ratio.One, new(StringComparer.Ordinal));

    public Ratio Factor { get; } = factor;

    /// <summary>UCUM text of the base unit: <c>g.m-3</c>, <c>s-1</c>, <c>1</c>.</summary>
    public string Dimension => powers.Count == 0 ? "1"
        : string.Join('.', powers.Select(p => p.Value == 1 ? p.Key : p.Key + p.Value.ToString(CultureInfo.InvariantCulture)));

    public static BaseUnits Base(string name) => new(Ratio.One, new(StringComparer.Ordinal) { [name] = 1 });

    public BaseUnits Times(BaseUnits other, int sign = 1)
    {
        var sum = new SortedDictionary<string, int>(powers, StringComparer.Ordinal);
        foreach (var (name, power) in other.Powers)
        {
            var total = sum.GetValueOrDefault(name) + (sign * power);
            if (total == 0)
                sum.Remove(name);
            else
                sum[name] = total;
        }

        return new(Factor * other.Factor.Power(sign), sum);
    }

    public BaseUnits Power(int exponent)
    {
        var raised = new SortedDictionary<string, int>(StringComparer.Ordinal);
        if (exponent != 0)
            foreach (var (name, power) in powers)
                raised[name] = power * exponent;
        return new(Factor.Power(exponent), raised);
    }

    public BaseUnits Scaled(Ratio by) => new(Factor * by, powers);

    private SortedDictionary<string, int> Powers => powers;
}

/// <summary>Reads the UCUM grammar: <c>term = component {('.' | '/') component}</c>, components with exponents, annotations, parentheses.</summary>
internal sealed class UnitReader
{
    private const int MaxExponent = 12; // higher powers are no units anyone measures in, only a way to make us compute

    private static readonly Dictionary<char, int> Prefixes = new()
    {
        ['Y'] = 24,
        ['Z'] = 21,
        ['E'] = 18,
        ['P'] = 15,
        ['T'] = 12,
        ['G'] = 9,
        ['M'] = 6,
        ['k'] = 3,
        ['h'] = 2,
        ['d'] = -1,
        ['c'] = -2,
        ['m'] = -3,
        ['u'] = -6,
        ['n'] = -9,
        ['p'] = -12,
        ['f'] = -15,
        ['a'] = -18,
        ['z'] = -21,
        ['y'] = -24,
    };

    private readonly string text;
    private int at;
    private bool sawUnit;

    private UnitReader(string text) => this.text = text;

    /// <summary>Null when the text is no UCUM unit we know, or nothing but annotations.</summary>
    public static BaseUnits? Read(string code)
    {
        var reader = new UnitReader(code);
        var unit = reader.Term(depth: 0);
        return unit is not null && reader.at == code.Length && reader.sawUnit ? unit : null;
    }

    private BaseUnits? Term(int depth)
    {
        if (depth > 4)
            return null;

        var sign = 1;
        if (Take('/'))
            sign = -1;
        var total = BaseUnits.None;
        while (true)
        {
            if (Component(depth) is not { } component)
                return null;
            total = total.Times(component, sign);
            if (Take('.'))
                sign = 1;
            else if (Take('/'))
                sign = -1;
            else
                return total;
        }
    }

    private BaseUnits? Component(int depth)
    {
        if (Take('('))
            return Term(depth + 1) is { } inner && Take(')') ? Annotated(inner) : null;
        if (at < text.Length && text[at] == '{')
            return Annotated(BaseUnits.None);

        var start = at;
        var bracket = false;
        while (at < text.Length && (bracket || text[at] is not ('.' or '/' or '(' or ')' or '{')))
        {
            bracket = text[at] switch { '[' => true, ']' => false, _ => bracket };
            at++;
        }

        if (bracket || at == start || Simple(text[start..at]) is not { } unit)
            return null;
        sawUnit = true;
        return Annotated(unit);
    }

    private BaseUnits? Annotated(BaseUnits unit)
    {
        if (!Take('{'))
            return unit;
        var end = text.IndexOf('}', at);
        if (end < 0)
            return null;
        at = end + 1;
        return unit;
    }

    private static BaseUnits? Simple(string text)
    {
        if (text.Length <= 9 && text.AsSpan().ContainsAnyExceptInRange('0', '9') is false)
            return int.Parse(text, CultureInfo.InvariantCulture) is > 0 and var number ? BaseUnits.None.Scaled(new(number, 1)) : null;

        var cut = text.Length;
        while (cut > 0 && char.IsAsciiDigit(text[cut - 1]))
            cut--;
        if (cut > 0 && cut < text.Length && text[cut - 1] is '+' or '-')
            cut--;
        var exponent = 1;
        if (cut < text.Length && (!int.TryParse(text.AsSpan(cut), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out exponent)
            || Math.Abs(exponent) > MaxExponent))
            return null;

        return Atom(text[..cut])?.Power(exponent);
    }

    private static BaseUnits? Atom(string name)
    {
        if (UcumUnits.Find(name) is { } known)
            return known.Unit;
        if (name.StartsWith("da", StringComparison.Ordinal) && UcumUnits.Find(name[2..]) is { IsMetric: true } ten)
            return ten.Unit.Scaled(Ratio.Ten(1));
        return name.Length > 1 && Prefixes.TryGetValue(name[0], out var power) && UcumUnits.Find(name[1..]) is { IsMetric: true } unit
            ? unit.Unit.Scaled(Ratio.Ten(power))
            : null;
    }

    private bool Take(char c)
    {
        if (at >= text.Length || text[at] != c)
            return false;
        at++;
        return true;
    }
}
