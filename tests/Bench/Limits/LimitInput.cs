using FhirEmr.Bench.Input;
using FhirEmr.FhirServer.Demo;
using ZstdSharp;

namespace FhirEmr.Bench.Limits;

/// <summary>What every limit is fed: real bodies, minified, and index rows drawn beforehand so that drawing them costs no measured time.</summary>
internal sealed class LimitInput
{
    public const int Resources = 30_000;
    private const int DictionaryBytes = 110 * 1024;
    private const int TrainingRecords = 12;

    private LimitInput(byte[][] bodies, IndexRowSet[] rows, byte[] dictionary)
    {
        Bodies = bodies;
        Rows = rows;
        Dictionary = dictionary;
    }

    /// <summary>As many as <see cref="Resources"/>; repeated from the start when the input holds fewer.</summary>
    public byte[][] Bodies { get; }

    public IndexRowSet[] Rows { get; }

    /// <summary>A zstd dictionary trained on generated records, never on the bodies it compresses.</summary>
    public byte[] Dictionary { get; }

    public double AverageBodyBytes => Bodies.Average(b => (double)b.Length);

    public static LimitInput Prepare(InputSource source)
    {
        var real = Minified.Resources(source.Bundles(copies: 1, limit: 100)).Take(Resources).ToArray();
        var random = new SeededRandom(7);
        var training = Minified.Resources(InputSource.Generate(TrainingRecords, first: 1_000_000));
        return new LimitInput(
            [.. Enumerable.Range(0, Resources).Select(i => real[i % real.Length])],
            [.. Enumerable.Range(0, Resources).Select(i => IndexRowSet.Draw(random, i))],
            DictBuilder.TrainFromBuffer(training, DictionaryBytes));
    }

    /// <summary>A zstd level 1 compressor with the dictionary loaded.</summary>
    public Compressor Compressor()
    {
        var compressor = new Compressor(1);
        compressor.LoadDictionary(Dictionary);
        return compressor;
    }
}
