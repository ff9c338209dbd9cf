using FhirEmr.Bench.Report;

namespace FhirEmr.Bench.Profile;

/// <summary>Where the CPU went, by what it was for and by the functions at the top of the stack.</summary>
internal sealed class ProfileTable(IReadOnlyList<CpuProfile> profiles)
{
    private const int MostFunctions = 12;

    public override string ToString()
    {
        var text = new Markdown().Table([.. profiles.Select(p => p.Title).Prepend("CPU, % of the samples")])
            .Row([.. profiles.Select(p => $"{Markdown.Number(p.CpuMs * 1000, "#,0.#")} µs a {p.Unit}").Prepend("server CPU, sampler included")]);
        var shares = profiles.Select(p => Shares(p.Samples.Select(Places.Of), p)).ToList();
        foreach (var place in shares.SelectMany(s => s.Keys).Distinct().OrderByDescending(place => shares.Max(s => s.GetValueOrDefault(place))))
            text.Row([.. shares.Select(s => Markdown.Number(s.GetValueOrDefault(place), "0.0")).Prepend(place)]);
        text.End();

        foreach (var profile in profiles)
        {
            text.Line($"Top of the stack, {profile.Title}: " + string.Join(", ", Shares(profile.Samples.Select(Top), profile)
                .OrderByDescending(s => s.Value).Take(MostFunctions).Select(s => $"`{s.Key}` {Markdown.Number(s.Value, "0.0")} %")) + ".");
        }

        return text.ToString();
    }

    private static Dictionary<string, double> Shares(IEnumerable<string> names, CpuProfile profile) =>
        names.CountBy(name => name).ToDictionary(g => g.Key, g => 100.0 * g.Value / profile.Samples.Count);

    private static string Top(Sample sample) => sample.Frames switch
    {
        [] => sample.Thread,
        [{ Name.Length: 0 } unnamed, ..] => unnamed.Module,
        [var top, ..] => top.Name,
    };
}
