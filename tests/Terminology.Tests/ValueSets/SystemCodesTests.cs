using CsCheck;
using FhirEmr.Terminology.ValueSets;

namespace FhirEmr.Terminology.Tests.ValueSets;

public sealed class SystemCodesTests
{
    private static readonly string[] Universe = ["a", "b", "c", "d"];

    private static readonly Gen<SystemCodes> Sets = Gen.Select(Gen.Int[0, 15], Gen.Bool)
        .Select((bits, allBut) => new SystemCodes(Universe.Where((_, i) => (bits & (1 << i)) != 0).ToHashSet(), allBut));

    private static bool Has(SystemCodes set, string code) => set.Codes.Contains(code) != set.AllBut;

    [Fact]
    public void Sets_and_their_complements_combine_as_logic_does() => Gen.Select(Sets, Sets).Sample((x, y) => Universe.Append("never listed").All(code =>
        Has(x.And(y), code) == (Has(x, code) && Has(y, code)) && Has(x.Or(y), code) == (Has(x, code) || Has(y, code))
        && Has(x.AndNot(y), code) == (Has(x, code) && !Has(y, code)) && Has(x.Not(), code) != Has(x, code)));
}
