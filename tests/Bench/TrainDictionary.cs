using System.Text.Json;
using FhirEmr.FhirServer.Demo;
using FhirEmr.FhirServer.Storage.Bodies;
using Hl7.Fhir.Model;
using Hl7.Fhir.Serialization;

namespace FhirEmr.Bench;

/// <summary><c>bench train-dictionary</c>: the compression dictionary that the server ships, made again from our own generated practice.</summary>
/// <remarks>Same program, same bytes: generator seed, day and sample count are fixed. A better one gets the next number; shipped ones never change.</remarks>
internal static class TrainDictionary
{
    private const int Patients = 60;
    private const int Seed = 7;

    public static async Task<int> RunAsync(BenchOptions options, CancellationToken ct)
    {
        var path = options.Required("out");
        var json = new JsonSerializerOptions().ForFhir(ModelInfo.ModelInspector);
        var samples = new List<byte[]>();
        foreach (var bundle in new PracticeGenerator(Seed, new DateOnly(2026, 1, 31)).Patients(Patients))
        {
            foreach (var resource in bundle.Entry.Select(e => e.Resource!))
            {
                // As the server writes them: type, id, meta with version and instant, then the rest.
                var body = JsonSerializer.Serialize(resource, json).Replace("urn:uuid:", "Patient/", StringComparison.Ordinal);
                samples.Add(System.Text.Encoding.UTF8.GetBytes(body.Replace(
                    $"\"id\":\"{resource.Id}\",", $"\"id\":\"{resource.Id}\",\"meta\":{{\"versionId\":\"1\",\"lastUpdated\":\"2026-01-31T08:00:00.000Z\"}},", StringComparison.Ordinal)));
            }
        }

        var dictionary = DictionaryTrainer.Train(samples);
        await File.WriteAllBytesAsync(path, dictionary, ct);
        Console.WriteLine($"{dictionary.Length:N0} bytes from {samples.Count:N0} resources of {Patients} generated patients → {path}");
        return 0;
    }
}
