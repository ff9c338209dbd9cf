using System.Text.Json;
using FhirEmr.Bench.Input;
using FhirEmr.Bench.Load;

namespace FhirEmr.Bench.Searches;

/// <summary>What the store must hold: our own reading of everything loaded, kept by type and by patient.</summary>
internal sealed class Corpus
{
    private const int MostSamples = 4000;
    private static readonly HashSet<string> NotSampled = ["Patient", "Organization", "Practitioner"];

    private readonly Dictionary<string, Dictionary<string, Facts>> _byType = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<Facts>> _byPatient = new(StringComparer.Ordinal);
    private readonly List<(string Type, byte[] Json)> _samples = [];
    private readonly Random _random = new(11);
    private int _seen;

    /// <summary>Bytes of all resources as minified JSON.</summary>
    public long MinifiedBytes { get; private set; }

    public int Count => _byType.Values.Sum(facts => facts.Count);

    /// <summary>Random resources with references to what is stored, for creates.</summary>
    public IReadOnlyList<(string Type, byte[] Json)> Samples => _samples;

    public IEnumerable<string> Keys => _byType.Values.SelectMany(facts => facts.Values).Select(f => f.Key);

    public IReadOnlyCollection<Facts> OfType(string type) => _byType.TryGetValue(type, out var facts) ? facts.Values : [];

    public IEnumerable<Facts> OfPatient(string patient, string type) =>
        _byPatient.TryGetValue(patient, out var facts) ? facts.Where(f => f.Type == type) : [];

    /// <summary>The stored resource; null for anything that is no <c>Type/id</c> of ours, a <c>#contained</c> one for instance.</summary>
    public Facts? Find(string key) =>
        key.IndexOf('/', StringComparison.Ordinal) is var slash and > 0 && _byType.TryGetValue(key[..slash], out var facts) ? facts.GetValueOrDefault(key) : null;

    /// <summary>Adds a bundle that was loaded: entries are stored under the ids the response gave them.</summary>
    public void Add(InputBundle loaded)
    {
        var keys = TransactionResponse.Keys(loaded);
        using var document = JsonDocument.Parse(loaded.Json);
        var entries = document.RootElement.GetProperty("entry").EnumerateArray().ToList();
        if (keys.Count != entries.Count)
            throw new BenchException($"{loaded.Name}: {entries.Count} entries were sent, {keys.Count} came back.");

        var stored = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (i, entry) in entries.Index())
            stored[entry.GetProperty("fullUrl").GetString()!] = keys[i];
        var reader = new FactReader(written => stored.GetValueOrDefault(written));
        foreach (var (i, entry) in entries.Index())
        {
            var resource = entry.GetProperty("resource");
            var minified = Minified.Bytes(resource);
            MinifiedBytes += minified.Length;
            Add(reader.Read(keys[i], resource));
            Sample(keys[i], minified, stored);
        }
    }

    /// <summary>Adds a resource that was created on its own; its references already name stored resources.</summary>
    public void Add(string key, byte[] json)
    {
        using var document = JsonDocument.Parse(json);
        Add(new FactReader(written => Find(written) is null ? null : written).Read(key, document.RootElement));
    }

    private void Add(Facts facts)
    {
        if (!_byType.TryGetValue(facts.Type, out var same))
            _byType[facts.Type] = same = new(StringComparer.Ordinal);
        same.Add(facts.Key, facts);
        if (facts.Patient is not { } patient)
            return;
        if (!_byPatient.TryGetValue(patient, out var chart))
            _byPatient[patient] = chart = [];
        chart.Add(facts);
    }

    // Reservoir sampling: every resource has the same chance, whatever comes after it.
    private void Sample(string key, byte[] minified, Dictionary<string, string> stored)
    {
        var type = key[..key.IndexOf('/', StringComparison.Ordinal)];
        if (NotSampled.Contains(type))
            return;
        var slot = _samples.Count < MostSamples ? _samples.Count : _random.Next(_seen + 1);
        _seen++;
        if (slot >= MostSamples)
            return;
        var sample = (type, ReferenceRewriter.Rewrite(minified, stored));
        if (slot == _samples.Count)
            _samples.Add(sample);
        else
            _samples[slot] = sample;
    }
}
