namespace FhirEmr.Bench.Input;

/// <summary>One transaction Bundle to load, and what came back.</summary>
internal sealed class InputBundle(string name, byte[] json)
{
    public string Name { get; } = name;

    public byte[] Json { get; } = json;

    /// <summary>The transaction-response; null until loaded, or when loading failed.</summary>
    public byte[]? Response { get; set; }
}
