using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Demo;

/// <summary>Streams whole patient records of our own making, for benchmarks without anybody's data.</summary>
/// <remarks>
/// Each bundle looks as Synthea writes them: a transaction of POST entries with <c>urn:uuid</c> fullUrls and client ids, the
/// providers it names repeated in every bundle that names them, invalid NPIs and an insurance named only inside the
/// ExplanationOfBenefits; <see cref="DemoIdentities.Apply"/> makes it billable. Around 300 resources a patient.
/// Patient <c>i</c> depends on the seed, the last day and <c>i</c> alone, so any slice can be made on its own.
/// </remarks>
/// <param name="seed">Same seed, same bytes.</param>
/// <param name="lastDay">No visit lies after this day.</param>
internal sealed class PracticeGenerator(int seed, DateOnly lastDay)
{
    private const int Clinics = 8;

    private readonly IReadOnlyList<GeneratedClinic> _clinics = [.. Enumerable.Range(0, Clinics).Select(i => GeneratedClinic.Create(seed, i))];

    /// <summary>Records <paramref name="first"/> .. <paramref name="first"/> + <paramref name="count"/> - 1, made as they are read.</summary>
    public IEnumerable<Bundle> Patients(int count, int first = 0) => Enumerable.Range(first, count).Select(Patient);

    /// <summary>One record.</summary>
    public Bundle Patient(int i)
    {
        var random = new SeededRandom(StableHash.Of("generated-patient", $"{seed}|{i}"));
        var record = new GeneratedRecord(random, random.Pick(_clinics), lastDay);
        return new Bundle { Type = Bundle.BundleType.Transaction, Entry = [.. record.Write().Select(Post)] };
    }

    private static Bundle.EntryComponent Post(Resource resource) => new()
    {
        FullUrl = $"urn:uuid:{resource.Id}",
        Resource = resource,
        Request = new Bundle.RequestComponent { Method = Bundle.HTTPVerb.POST, Url = resource.TypeName },
    };
}
