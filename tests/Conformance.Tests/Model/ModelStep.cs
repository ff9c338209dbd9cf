namespace FhirEmr.Conformance.Tests.Model;

/// <summary>One thing that is done to the record. All it needs is in it, so that any part of a sequence can be run by itself.</summary>
internal abstract record ModelStep
{
    private const int Patients = 6;

    public sealed record Put(int Patient, string Name) : ModelStep;

    public sealed record PutSame(int Patient, string Name) : ModelStep;

    /// <param name="Beyond">0 for the version that is current when it comes to this, 1 for one that is not.</param>
    public sealed record PutIf(int Patient, string Name, int Beyond) : ModelStep;

    public sealed record PutIfNone(int Patient, string Name) : ModelStep;

    public sealed record Delete(int Patient) : ModelStep;

    public sealed record Patch(int Patient, string Name) : ModelStep;

    public sealed record Transaction(int First, string FirstName, int Second, string SecondName, int Deleted, bool IsBroken) : ModelStep;

    /// <param name="Share">Which of the versions there are then, from the first (0) up to the last (1).</param>
    public sealed record ReadOld(int Patient, double Share) : ModelStep;

    public sealed record Read(int Patient) : ModelStep;

    public sealed record Search : ModelStep;

    /// <summary>Kills the program while it writes, and starts it again.</summary>
    public sealed record Kill(int Patient, string Name, int Milliseconds) : ModelStep;

    public sealed record Everything : ModelStep;

    /// <summary>A random sequence, the same for the same seed.</summary>
    /// <param name="commands">Steps before each kill.</param>
    public static IReadOnlyList<ModelStep> Sequence(int seed, int commands, int kills)
    {
        var random = new Random(seed);
        var (steps, names) = (new List<ModelStep>(), 0);
        for (var round = 0; round <= kills; round++)
        {
            for (var i = 0; i < commands; i++)
                steps.Add(One());
            if (round < kills)
                steps.Add(new Kill(Patient(), Name(), random.Next(0, 15)));
            steps.Add(new Everything());
        }

        return steps;

        ModelStep One() => random.Next(12) switch
        {
            0 or 1 => new Put(Patient(), Name()),
            2 => new PutSame(Patient(), Name()),
            3 => new PutIf(Patient(), Name(), random.Next(2)),
            4 => new Delete(Patient()),
            5 => new PutIfNone(Patient(), Name()),
            6 => Several(),
            7 => new Patch(Patient(), Name()),
            8 => new ReadOld(Patient(), random.NextDouble()),
            9 => new Search(),
            _ => new Read(Patient()),
        };

        Transaction Several()
        {
            var order = Enumerable.Range(0, Patients).OrderBy(_ => random.Next()).ToArray();
            return new(order[0], Name(), order[1], Name(), order[2], random.Next(3) == 0);
        }

        int Patient() => random.Next(Patients);

        string Name() => $"N{names++}";
    }
}
