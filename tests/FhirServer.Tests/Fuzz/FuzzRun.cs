using System.Globalization;
using System.Text;

namespace FhirEmr.FhirServer.Tests.Fuzz;

/// <summary>How much is tried: so many inputs in the normal run, or for as many seconds as FHIREMR_FUZZ_SECONDS says, with ever new seeds.</summary>
internal static class FuzzRun
{
    private static readonly int Seconds = int.TryParse(Environment.GetEnvironmentVariable("FHIREMR_FUZZ_SECONDS"), CultureInfo.InvariantCulture, out var given) ? given : 0;

    /// <summary>Fails with the seed, the number and the text of the first input that <paramref name="use"/> does not survive.</summary>
    /// <returns>How many inputs came through with something to compare.</returns>
    public static int Try(int seed, int inputs, IReadOnlyList<byte[]> corpus, IReadOnlyList<string> words, Func<byte[], bool> use)
    {
        var until = TimeProvider.System.GetTimestamp() + (Seconds * TimeProvider.System.TimestampFrequency);
        var fruitful = 0;
        do
        {
            var mutator = new Mutator(seed, corpus, words);
            for (var i = 0; i < inputs; i++)
            {
                var input = mutator.Next();
                try
                {
                    if (use(input))
                        fruitful++;
                }
                catch (Exception e)
                {
                    Assert.Fail($"Seed {seed}, input {i}: {e.GetType().Name}: {e.Message}\n{Encoding.UTF8.GetString(input)}\n{Convert.ToHexString(input)}\n{e.StackTrace}");
                }
            }

            seed++;
        }
        while (TimeProvider.System.GetTimestamp() < until);
        return fruitful;
    }

    public static IReadOnlyList<byte[]> Corpus(params IEnumerable<string> texts) => [.. texts.Select(Encoding.UTF8.GetBytes)];
}
