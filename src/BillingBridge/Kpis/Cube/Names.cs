namespace FhirEmr.BillingBridge.Kpis.Cube;

/// <summary>Texts as small numbers, one book for each dimension; 0 is "none".</summary>
internal sealed class Names
{
    private readonly Dictionary<string, int> numbers = new(StringComparer.Ordinal);
    private readonly List<string?> texts = [null];

    public int Count => texts.Count;

    public string? this[int number] => texts[number];

    public int Add(string? text)
    {
        if (text is null)
            return 0;
        if (!numbers.TryGetValue(text, out var number))
        {
            numbers[text] = number = texts.Count;
            texts.Add(text);
        }

        return number;
    }

    public void Clear()
    {
        numbers.Clear();
        texts.RemoveRange(1, texts.Count - 1);
    }

    /// <summary>-1 for a text nobody has.</summary>
    public int Find(string text) => numbers.GetValueOrDefault(text, -1);
}
