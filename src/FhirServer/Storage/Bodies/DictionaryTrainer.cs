using ZstdSharp;

namespace FhirEmr.FhirServer.Storage.Bodies;

/// <summary>Trains a compression dictionary from sample resources, the same bytes from the same samples.</summary>
/// <remarks>The shipped ones come from our own generated demo data, never from anybody's records: a dictionary quotes its samples.</remarks>
internal static class DictionaryTrainer
{
    /// <summary>What the measurements chose: larger hardly shrinks bodies further, and each pooled compressor holds one.</summary>
    public const int DefaultSize = 110 * 1024;

    public static byte[] Train(IReadOnlyList<byte[]> samples, int size = DefaultSize) => DictBuilder.TrainFromBuffer(samples, size);
}
